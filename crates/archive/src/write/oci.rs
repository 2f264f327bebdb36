//! The documents of an OCI layout: `oci-layout` and `index.json`.

use sockerless_oci::media_type;
use std::collections::BTreeMap;

use serde::Serialize;

use super::SavedImage;
use crate::Descriptor;

/// The bytes of `oci-layout`.
pub(super) const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// The bytes of `index.json`: a descriptor for each name, as in containerd and Docker.
pub(super) fn index(images: &[SavedImage]) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Index {
        schema_version: u8,
        media_type: &'static str,
        /// `null` without images, as in Docker.
        manifests: Option<Vec<Descriptor>>,
    }
    let manifests: Vec<_> = images.iter().flat_map(descriptors).collect();
    serde_json::to_vec(&Index {
        schema_version: 2,
        media_type: media_type::OCI_INDEX,
        manifests: (!manifests.is_empty()).then_some(manifests),
    })
}

fn descriptors(image: &SavedImage) -> Vec<Descriptor> {
    let document = &image.target.document;
    let size = document.bytes.len() as u64;
    let plain = Descriptor {
        platform: image.platform.clone(),
        ..Descriptor::new(&image.target.media_type, document.digest, size)
    };
    if image.names.is_empty() {
        return vec![plain];
    }
    let named = image.names.iter().map(|name| {
        let mut annotations = BTreeMap::new();
        let canonical = name.as_str().to_owned();
        annotations.insert("io.containerd.image.name".to_owned(), canonical);
        if let Some(tag) = name.tag() {
            let key = "org.opencontainers.image.ref.name".to_owned();
            annotations.insert(key, tag.to_owned());
        }
        Descriptor {
            annotations: Some(annotations),
            ..plain.clone()
        }
    });
    named.collect()
}
