//! One row of a list of images.

use std::collections::BTreeMap;

use serde::Serialize;
use sockerless_images::{Digest, ImageRow};

use super::manifests::ManifestSummary;
use super::names::tags_and_digests;
use super::size;
use crate::version::ApiVersion;

/// One image of a list, its fields in Docker's order. `None` is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageSummary {
    pub(super) containers: i64,
    /// Seconds since 1970; 0 when it is not known.
    pub(super) created: i64,
    id: Digest,
    /// As Docker has it, none are null.
    labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) manifests: Option<Vec<ManifestSummary>>,
    parent_id: &'static str,
    repo_digests: Vec<String>,
    repo_tags: Vec<String>,
    shared_size: i64,
    /// -1 when it is not known.
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_size: Option<i64>,
}

impl ImageSummary {
    pub(crate) fn of(row: ImageRow, version: ApiVersion) -> Self {
        let found = &row.found;
        let (mut repo_tags, mut repo_digests) = tags_and_digests(found);
        if !version.at_least(43) && repo_tags.is_empty() && repo_digests.is_empty() {
            repo_tags.push("<none>:<none>".to_owned());
            repo_digests.push("<none>@<none>".to_owned());
        }
        Self {
            containers: size::shown(Some(row.containers)),
            created: row.created.map_or(0, |created| created.as_second()),
            id: found.image.id,
            labels: Some(row.labels).filter(|labels| !labels.is_empty()),
            manifests: None,
            parent_id: "",
            repo_digests,
            repo_tags,
            shared_size: size::shown(row.shared_size),
            size: size::shown(found.content_size),
            virtual_size: (!version.at_least(44)).then(|| size::shown(found.content_size)),
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard_stubs::models;

    use super::*;
    use crate::images::sample;

    fn row(names: &[&str]) -> ImageRow {
        ImageRow {
            found: sample::found("{}", names),
            created: None,
            labels: BTreeMap::new(),
            containers: 0,
            shared_size: None,
        }
    }

    fn shown(row: ImageRow, version: &str) -> String {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        let text = serde_json::to_string(&ImageSummary::of(row, version)).expect("JSON");
        // The type that clients generate from Docker's own description of the API.
        serde_json::from_str::<models::ImageSummary>(&text).expect("an image summary");
        text
    }

    #[test]
    fn fields_by_version() {
        let named = ImageRow {
            created: Some("1970-01-01T00:01:00Z".parse().expect("a time")),
            labels: [("a".to_owned(), "b".to_owned())].into(),
            containers: 2,
            shared_size: Some(5),
            ..row(&["docker.io/library/alpine:3"])
        };
        let id = named.found.image.id;
        assert_eq!(
            shown(named, "1.55"),
            format!(
                r#"{{"Containers":2,"Created":60,"Id":"{id}","Labels":{{"a":"b"}},"ParentId":"","RepoDigests":[],"RepoTags":["alpine:3"],"SharedSize":5,"Size":12}}"#
            )
        );
        assert_eq!(
            shown(row(&[]), "1.43"),
            format!(
                r#"{{"Containers":0,"Created":0,"Id":"{id}","Labels":null,"ParentId":"","RepoDigests":[],"RepoTags":[],"SharedSize":-1,"Size":12,"VirtualSize":12}}"#
            )
        );
        let old = shown(row(&[]), "1.42");
        assert!(old.contains(r#""RepoDigests":["<none>@<none>"],"RepoTags":["<none>:<none>"]"#));
    }

    #[test]
    fn names_with_a_digest_are_shown_once() {
        let (a, b) = (Digest::of("a"), Digest::of("b"));
        let mut row = row(&["alpine:3", &format!("alpine@{a}")]);
        row.found.repo_digests = [
            format!("h:5000/x@{b}"),
            format!("docker.io/library/alpine@{a}"),
        ]
        .map(|name| name.parse().expect("a name"))
        .into();
        let text = shown(row, "1.42");
        let names =
            format!(r#""RepoDigests":["alpine@{a}","h:5000/x@{b}"],"RepoTags":["alpine:3"]"#);
        assert!(text.contains(&names), "{text}");
    }
}
