//! One removed item in the response of remove and prune.

use serde::Serialize;
use sockerless_images::{Digest, RemovedItem};

/// One removed item, in Docker's form.
#[derive(Debug, Serialize)]
pub(super) enum Removed {
    Untagged(String),
    Deleted(Digest),
}

impl From<RemovedItem> for Removed {
    fn from(item: RemovedItem) -> Self {
        match item {
            RemovedItem::Untagged(name) => Self::Untagged(name),
            RemovedItem::Deleted(id) | RemovedItem::DeletedLayer(id) => Self::Deleted(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard_stubs::models::ImageDeleteResponseItem;

    use super::*;

    #[test]
    fn items() {
        let (image, layer) = (Digest::of("image"), Digest::of("layer"));
        let items = [
            RemovedItem::Untagged("alpine:3".to_owned()),
            RemovedItem::Deleted(image),
            RemovedItem::DeletedLayer(layer),
        ];
        let text = serde_json::to_string(&items.map(Removed::from)).expect("JSON");
        assert_eq!(
            text,
            format!(
                r#"[{{"Untagged":"alpine:3"}},{{"Deleted":"{image}"}},{{"Deleted":"{layer}"}}]"#
            )
        );
        serde_json::from_str::<Vec<ImageDeleteResponseItem>>(&text).expect("deleted items");
    }
}
