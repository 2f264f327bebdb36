//! `GET /images/json`: the list of images.

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use hyper::Response;
use sockerless_images::{ImageFilter, ImageList, Images};

use super::manifests;
use super::summary::ImageSummary;
use crate::answer::{self, Body, Broken};
use crate::call::Call;
use crate::filters::Filters;
use crate::frontend::Frontend;
use crate::query::Params;
use crate::status::Failure;
use crate::version::ApiVersion;

/// `GET /images/json`: the images that match, newest first. Pages of them are looked up while the
/// client reads.
///
/// An error before the first page is a status. A later one ends the connection.
pub(crate) async fn list(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let version = call.version;
    let params = call.params()?;
    let filter = filter(version, &params)?;
    let wants_shared_size = version.at_least(42) && params.flag("shared-size");
    let wants_manifests = version.at_least(47) && params.flag("manifests");
    if version.at_least(54) && params.flag("identity") && !wants_manifests {
        return Err(Failure::bad_request(
            "conflicting options: identity requires manifests=1",
        ));
    }
    let list = frontend.images.list(filter, wants_shared_size).await?;
    let mut rows = Rows::new(frontend, &call, list);
    rows.wants_manifests = wants_manifests;
    // Docker does not count them for older clients.
    rows.counts_containers = version.at_least(51);
    let first = rows.next_page().await?;
    let (method, path) = (call.parts.method.clone(), call.parts.uri.path().to_owned());
    let pages = stream::try_unfold((rows, Some(first)), async |(mut rows, page)| {
        let page = match page {
            Some(page) => page,
            None => rows.next_page().await?,
        };
        Ok::<_, Failure>((!page.is_empty()).then_some((page, (rows, None))))
    });
    Ok(answer::array(pages.map_err(move |failure| {
        failure.log(&method, &path);
        Broken
    })))
}

/// The rows of a list as serialized text.
pub(crate) struct Rows {
    images: Images,
    list: ImageList,
    version: ApiVersion,
    wants_manifests: bool,
    counts_containers: bool,
}

impl Rows {
    /// The rows of a list for the client of `call`, which is cut off when it reads too slowly while
    /// others wait.
    pub(crate) fn new(frontend: &Frontend, call: &Call, mut list: ImageList) -> Self {
        call.cut_when(list.revoked());
        Self {
            images: frontend.images.clone(),
            list,
            version: call.version,
            wants_manifests: false,
            counts_containers: true,
        }
    }

    /// The next rows with commas between them; empty at the end.
    pub(crate) async fn next_page(&mut self) -> Result<Bytes, Failure> {
        let page = self.list.next_page().await?;
        let mut manifests = Vec::new();
        if self.wants_manifests {
            for row in &page {
                let summaries = manifests::summaries(&self.images, &row.found.image).await?;
                manifests.push(summaries);
            }
        }
        let (version, counts_containers) = (self.version, self.counts_containers);
        let text = self.images.compute(move || {
            let mut manifests = manifests.into_iter();
            let mut text = Vec::new();
            for row in page {
                if !text.is_empty() {
                    text.push(b',');
                }
                let mut row = ImageSummary::of(row, version);
                if !counts_containers {
                    row.containers = -1;
                }
                row.manifests = manifests.next();
                serde_json::to_writer(&mut text, &row).map_err(answer::unwritable)?;
            }
            Ok::<_, Failure>(Bytes::from(text))
        });
        let text = text.await??;
        self.list.wait();
        Ok(text)
    }
}

fn filter(version: ApiVersion, params: &Params) -> Result<ImageFilter, Failure> {
    let mut filters = Filters::parse(params)?;
    if !version.at_least(25)
        && !filters.has("reference")
        && let Some(pattern) = params.non_empty("filter")
    {
        filters.add("reference", pattern);
    }
    let mut known = vec![
        "dangling",
        "label",
        "label!",
        "before",
        "since",
        "reference",
    ];
    if version.at_least(44) {
        known.push("until");
    }
    filters.check(&known)?;
    let all = |key| filters.all(key).map(str::to_owned).collect();
    Ok(ImageFilter {
        dangling: filters.flag("dangling")?,
        labels: filters.labels("label"),
        without_labels: filters.labels("label!"),
        before: all("before"),
        since: all("since"),
        until: filters.until()?,
        references: all("reference"),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sockerless_images::LabelFilter;

    use super::*;

    fn read(version: &str, query: &str) -> Result<ImageFilter, String> {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        let params = Params::parse(query).expect("valid");
        filter(version, &params).map_err(|failure| failure.message)
    }

    #[test]
    fn every_filter() {
        let query = concat!(
            r#"filters={"dangling":["0"],"label":["a=b"],"label!":["c"],"before":["x"],"#,
            r#""since":["y"],"until":["60"],"reference":["p/*"]}"#
        );
        let label = |key: &str, value: Option<&str>| LabelFilter {
            key: key.to_owned(),
            value: value.map(str::to_owned),
        };
        let expected = ImageFilter {
            dangling: Some(false),
            labels: vec![label("a", Some("b"))],
            without_labels: vec![label("c", None)],
            before: vec!["x".to_owned()],
            since: vec!["y".to_owned()],
            until: Some(Timestamp::from_second(60).expect("a time")),
            references: vec!["p/*".to_owned()],
        };
        assert_eq!(read("1.44", query), Ok(expected));
        assert_eq!(read("1.55", "all=1&filters={}"), Ok(ImageFilter::default()));
    }

    #[test]
    fn refused() {
        for (version, filters, message) in [
            ("1.55", "x", "invalid filter"),
            ("1.55", r#"{"bogus":["1"]}"#, "invalid filter 'bogus'"),
            ("1.43", r#"{"until":["1h"]}"#, "invalid filter 'until'"),
            (
                "1.55",
                r#"{"dangling":["x"]}"#,
                "invalid filter 'dangling=[x]'",
            ),
            (
                "1.55",
                r#"{"until":["x"]}"#,
                "failed to parse value as time or duration: \"x\"",
            ),
        ] {
            let filter = read(version, &format!("filters={filters}"));
            assert_eq!(filter, Err(message.to_owned()), "{filters}");
        }
    }

    #[test]
    fn the_old_parameter() {
        let references = |version, query| read(version, query).expect(query).references;
        assert_eq!(references("1.24", "filter=alp*"), ["alp*"]);
        assert_eq!(references("1.24", "filter="), [""; 0]);
        assert_eq!(references("1.25", "filter=alp*"), [""; 0]);
        let both = r#"filter=alp*&filters={"reference":["x"]}"#;
        assert_eq!(references("1.24", both), ["x"]);
    }
}
