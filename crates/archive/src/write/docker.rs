//! The documents of a docker archive: `manifest.json` and `repositories`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SavedImage;
use super::member::blob_name;

/// The bytes of `manifest.json`. It has only the keys of Docker 1.10: strict readers accept no
/// others.
pub(super) fn manifest(images: &[SavedImage]) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Item<'a> {
        config: String,
        /// `null` without names, as in Docker.
        repo_tags: Option<Vec<&'a str>>,
        layers: Vec<String>,
    }
    let items: Vec<_> = images
        .iter()
        .map(|image| {
            let names: Vec<_> = image.names.iter().map(|name| name.familiar()).collect();
            Item {
                config: blob_name(image.config),
                repo_tags: (!names.is_empty()).then_some(names),
                layers: image.layers.iter().copied().map(blob_name).collect(),
            }
        })
        .collect();
    // `null` without images, as in Docker.
    serde_json::to_vec(&(!items.is_empty()).then_some(items))
}

/// The bytes of `repositories`, the names of the layout before `manifest.json`; `None` when there
/// are no names. As in Docker, a name maps to the digest of the topmost layer.
pub(super) fn repositories(images: &[SavedImage]) -> serde_json::Result<Option<Vec<u8>>> {
    let mut repositories: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for image in images {
        let top = image.layers.last().unwrap_or(&image.config).hex();
        for name in &image.names {
            if let Some(tag) = name.tag() {
                let tags = repositories.entry(name.familiar_repository()).or_default();
                tags.insert(tag, top.clone());
            }
        }
    }
    if repositories.is_empty() {
        return Ok(None);
    }
    serde_json::to_vec(&repositories).map(Some)
}
