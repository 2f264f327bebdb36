//! `POST /images/prune`: removes unused images.

use hyper::Response;
use serde::Serialize;
use sockerless_images::{ImageFilter, Pruned};

use super::removed::Removed;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::filters::Filters;
use crate::frontend::Frontend;
use crate::query::Params;
use crate::status::Failure;

/// `POST /images/prune`: removes unused images.
pub(crate) async fn prune(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let query = call.params()?;
    let params = query.with_form(call.upload.form().await?);
    let pruned = frontend.images.prune(filter(&params)?).await?;
    answer::json(&PruneAnswer::from(pruned))
}

fn filter(params: &Params) -> Result<ImageFilter, Failure> {
    let filters = Filters::parse(params)?;
    filters.check(&["dangling", "label", "label!", "until"])?;
    Ok(ImageFilter {
        dangling: filters.flag("dangling")?,
        labels: filters.labels("label"),
        without_labels: filters.labels("label!"),
        until: filters.until()?,
        ..ImageFilter::default()
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PruneAnswer {
    /// As in Docker, nothing is null.
    images_deleted: Option<Vec<Removed>>,
    /// Bytes.
    space_reclaimed: u64,
}

impl From<Pruned> for PruneAnswer {
    fn from(pruned: Pruned) -> Self {
        let items: Vec<Removed> = pruned.items.into_iter().map(Into::into).collect();
        Self {
            images_deleted: Some(items).filter(|items| !items.is_empty()),
            space_reclaimed: pruned.reclaimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard_stubs::models::ImagePruneResponse;
    use sockerless_images::RemovedItem;

    use super::*;

    #[test]
    fn answers() {
        let text = |pruned: Pruned| {
            let text = serde_json::to_string(&PruneAnswer::from(pruned)).expect("JSON");
            serde_json::from_str::<ImagePruneResponse>(&text).expect("a prune response");
            text
        };
        assert_eq!(
            text(Pruned::default()),
            r#"{"ImagesDeleted":null,"SpaceReclaimed":0}"#
        );
        let pruned = Pruned {
            items: vec![RemovedItem::Untagged("a:1".to_owned())],
            reclaimed: 9,
        };
        assert_eq!(
            text(pruned),
            r#"{"ImagesDeleted":[{"Untagged":"a:1"}],"SpaceReclaimed":9}"#
        );
    }

    #[test]
    fn filters() {
        let read = |filters: &str| {
            let params = Params::parse(&format!("filters={filters}")).expect("valid");
            filter(&params).map_err(|failure| failure.message)
        };
        assert_eq!(read(""), Ok(ImageFilter::default()));
        assert_eq!(
            read(r#"{"dangling":{"false":true}}"#).map(|filter| filter.dangling),
            Ok(Some(false))
        );
        for other in ["before", "since", "reference", "bogus"] {
            assert_eq!(
                read(&format!(r#"{{"{other}":["x"]}}"#)),
                Err(format!("invalid filter '{other}'"))
            );
        }
    }
}
