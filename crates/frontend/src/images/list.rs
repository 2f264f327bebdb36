use std::cmp::Reverse;

use hyper::Response;
use serde::Serialize;
use serde_json::Value;
use sockerless_engine::{Digest, Found};

use super::config::ConfigDocument;
use super::names::tags_and_digests;
use crate::answer::{self, Body};
use crate::query::Params;
use crate::server::Frontend;
use crate::service::Call;
use crate::status::Failure;
use crate::version::ApiVersion;

/// How many images are fetched at a time: a config may be megabytes, and many times that when it is
/// parsed. Of all images only the rows are kept, as the text that is sent.
const PAGE: usize = 8;

/// `GET /images/json`: all images, newest first.
pub(crate) async fn list(frontend: &Frontend, call: &Call) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    refuse_filters(&params)?;
    if call.version.at_least(54) && params.flag("identity") && !params.flag("manifests") {
        return Err(Failure::bad_request(
            "conflicting options: identity requires manifests=1",
        ));
    }
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = frontend.engine.images(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.image.id);
        for found in &page {
            let row = ImageSummary::of(found, call.version)?;
            rows.push((Reverse(row.created), row.id, answer::text_of(&row)?));
        }
    }
    rows.sort_unstable();
    Ok(answer::array(rows.into_iter().map(|(_, _, row)| row)))
}

/// A filter that is not applied would show images that the client did not ask for.
fn refuse_filters(params: &Params) -> Result<(), Failure> {
    if params.non_empty("filter").is_some() {
        return Err(Failure::not_implemented(
            "sockerless does not filter images: leave out the parameter filter",
        ));
    }
    let Some(filters) = params.non_empty("filters") else {
        return Ok(());
    };
    let Ok(Value::Object(filters)) = serde_json::from_str::<Value>(filters) else {
        return Err(Failure::bad_request("invalid filter"));
    };
    match filters.keys().next() {
        None => Ok(()),
        Some(key) => Err(Failure::not_implemented(format!(
            "sockerless does not filter images: leave out the filter {key:?}"
        ))),
    }
}

/// One row, its fields in Docker's order. `None` is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageSummary {
    containers: i64,
    /// Seconds since 1970; 0 when the image does not say.
    created: i64,
    id: Digest,
    labels: Option<Value>,
    parent_id: &'static str,
    repo_digests: Vec<String>,
    repo_tags: Vec<String>,
    shared_size: i64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_size: Option<u64>,
}

impl ImageSummary {
    fn of(found: &Found, version: ApiVersion) -> Result<Self, Failure> {
        let document = ConfigDocument::parse(&found.config)?;
        let (mut repo_tags, mut repo_digests) = tags_and_digests(found);
        if !version.at_least(43) && repo_tags.is_empty() && repo_digests.is_empty() {
            repo_tags.push("<none>:<none>".to_owned());
            repo_digests.push("<none>@<none>".to_owned());
        }
        Ok(Self {
            // Below 1.51 the number is not given, since then it is: there are no containers here.
            containers: if version.at_least(51) { 0 } else { -1 },
            created: document.created().map_or(0, |created| created.as_second()),
            id: found.image.id,
            labels: document.labels().cloned(),
            parent_id: "",
            repo_digests,
            repo_tags,
            shared_size: -1,
            size: found.size(),
            virtual_size: (!version.at_least(44)).then_some(found.size()),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sockerless_engine::{Image, Origin};

    use super::*;

    fn found(config: &str, names: &[&str]) -> Found {
        let image = Image {
            target: Digest::of("manifest"),
            media_type: String::new(),
            size: 8,
            id: Digest::of("id"),
            origin: Origin::Generated,
            variants: Vec::new(),
            documents: Vec::new(),
            blobs: Vec::new(),
            loaded_at: Timestamp::UNIX_EPOCH,
        };
        Found {
            image,
            variant: 0,
            config: config.to_owned().into(),
            names: names
                .iter()
                .map(|name| name.parse().expect("a name"))
                .collect(),
            repo_digests: Vec::new(),
            last_tagged_at: None,
            content_size: 12,
        }
    }

    fn shown(found: &Found, version: &str) -> String {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        let row = ImageSummary::of(found, version).map_err(|failure| failure.message);
        serde_json::to_string(&row.expect("a config")).expect("JSON")
    }

    #[test]
    fn rows_by_version() {
        let named = found(
            r#"{"created":"1970-01-01T00:01:00Z","config":{"Labels":{"a":"b"}}}"#,
            &["docker.io/library/alpine:3"],
        );
        let id = Digest::of("id");
        assert_eq!(
            shown(&named, "1.55"),
            format!(
                r#"{{"Containers":0,"Created":60,"Id":"{id}","Labels":{{"a":"b"}},"ParentId":"","RepoDigests":[],"RepoTags":["alpine:3"],"SharedSize":-1,"Size":12}}"#
            )
        );
        let unnamed = found("{}", &[]);
        assert_eq!(
            shown(&unnamed, "1.43"),
            format!(
                r#"{{"Containers":-1,"Created":0,"Id":"{id}","Labels":null,"ParentId":"","RepoDigests":[],"RepoTags":[],"SharedSize":-1,"Size":12,"VirtualSize":12}}"#
            )
        );
        let old = shown(&unnamed, "1.42");
        assert!(old.contains(r#""RepoDigests":["<none>@<none>"],"RepoTags":["<none>:<none>"]"#));
    }

    #[test]
    fn names_with_a_digest_are_shown_once() {
        let (a, b) = (Digest::of("a"), Digest::of("b"));
        let mut found = found("{}", &["alpine:3", &format!("alpine@{a}")]);
        found.repo_digests = [
            format!("h:5000/x@{b}"),
            format!("docker.io/library/alpine@{a}"),
        ]
        .map(|name| name.parse().expect("a name"))
        .into();
        let text = shown(&found, "1.42");
        let names =
            format!(r#""RepoDigests":["alpine@{a}","h:5000/x@{b}"],"RepoTags":["alpine:3"]"#);
        assert!(text.contains(&names), "{text}");
    }

    #[test]
    fn filters_are_refused_and_not_ignored() {
        let refused = |query: &str| {
            let params = Params::parse(query).expect("valid");
            refuse_filters(&params).map_err(|failure| (failure.status.as_u16(), failure.message))
        };
        assert_eq!(refused("all=1&filters={}&filters"), Ok(()));
        assert_eq!(refused("filters="), Ok(()));
        assert_eq!(
            refused("filters=[]"),
            Err((400, "invalid filter".to_owned()))
        );
        for query in [r#"filters={"dangling":["true"]}"#, "filter=alpine"] {
            assert_eq!(refused(query).expect_err(query).0, 501);
        }
    }
}
