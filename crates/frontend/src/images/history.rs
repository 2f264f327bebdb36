//! `GET /images/{name}/history`: the steps of an image.

use hyper::Response;
use serde::Serialize;
use sockerless_images::{HistoryStep, Reference};

use super::size::shown;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;

/// `GET /images/{name}/history`: how an image was made, newest step first.
pub(crate) async fn history(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let params = call.params()?;
    let platform = platform::of_image(call.version, 48, &params)?;
    let steps = frontend.images.history(name, platform.as_ref()).await?;
    let items: Vec<HistoryItem> = steps.into_iter().map(Into::into).collect();
    // Only the commands may be large.
    let bytes = items.iter().map(|item| item.created_by.len()).sum();
    answer::large_json(&frontend.images, bytes, items).await
}

/// One step, its fields in Docker's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct HistoryItem {
    comment: String,
    /// Seconds since 1970; 0 when the config does not say.
    created: i64,
    created_by: String,
    id: String,
    /// -1 when it is not known.
    size: i64,
    /// As Docker has it, none are null.
    tags: Option<Vec<String>>,
}

impl From<HistoryStep> for HistoryItem {
    fn from(step: HistoryStep) -> Self {
        let HistoryStep {
            id,
            created,
            created_by,
            comment,
            size,
            tags,
        } = step;
        let tags = tags.iter().map(Reference::familiar).map(str::to_owned);
        Self {
            comment,
            created: created.map_or(0, |created| created.as_second()),
            created_by,
            id: id.map_or_else(|| "<missing>".to_owned(), |id| id.to_string()),
            size: shown(size),
            tags: Some(tags.collect()).filter(|tags: &Vec<_>| !tags.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard_stubs::models::ImageHistoryResponseItem;
    use sockerless_images::Digest;

    use super::*;

    #[test]
    fn items() {
        let id = Digest::of("config");
        let newest = HistoryStep {
            id: Some(id),
            created: Some("1970-01-01T00:01:00Z".parse().expect("a time")),
            created_by: "CMD [\"sh\"]".to_owned(),
            comment: "c".to_owned(),
            size: Some(7),
            tags: vec!["docker.io/library/alpine:3".parse().expect("a name")],
        };
        let oldest = HistoryStep {
            id: None,
            created: None,
            created_by: String::new(),
            comment: String::new(),
            size: None,
            tags: Vec::new(),
        };
        let items = [newest, oldest].map(HistoryItem::from);
        let text = serde_json::to_string(&items).expect("JSON");
        assert_eq!(
            text,
            format!(
                concat!(
                    r#"[{{"Comment":"c","Created":60,"CreatedBy":"CMD [\"sh\"]","Id":"{}","Size":7,"#,
                    r#""Tags":["alpine:3"]}},{{"Comment":"","Created":0,"CreatedBy":"","#,
                    r#""Id":"<missing>","Size":-1,"Tags":null}}]"#
                ),
                id
            )
        );
        serde_json::from_str::<Vec<ImageHistoryResponseItem>>(&text).expect("history items");
    }
}
