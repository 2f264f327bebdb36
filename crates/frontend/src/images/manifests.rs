//! What `manifests=1` adds to inspect: every manifest that an image's index names.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};
use sockerless_images::{Digest, Image, Images, Platform, Variant};
use sockerless_oci::json::decode;
use sockerless_oci::{Descriptor, Index};

use crate::status::Failure;

/// How deeply indexes may be nested.
const MAX_DEPTH: usize = 8;

#[derive(Debug, Serialize)]
pub(super) struct ManifestSummary {
    #[serde(rename = "ID")]
    id: Digest,
    #[serde(rename = "Descriptor")]
    descriptor: Descriptor,
    #[serde(rename = "Available")]
    available: bool,
    #[serde(rename = "Size")]
    size: Size,
    #[serde(rename = "Kind")]
    kind: ManifestKind,
    #[serde(rename = "ImageData", skip_serializing_if = "Option::is_none")]
    image: Option<Value>,
    #[serde(rename = "AttestationData", skip_serializing_if = "Option::is_none")]
    attestation: Option<Value>,
}

/// Bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Size {
    total: u64,
    content: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum ManifestKind {
    Image,
    Attestation,
    Unknown,
}

/// One summary for each manifest, in the index's order; one for an image without an index.
pub(super) async fn summaries(
    images: &Images,
    image: &Image,
) -> Result<Vec<ManifestSummary>, Failure> {
    let mut summaries = Vec::new();
    let target = Descriptor::new(&image.media_type, image.target, image.size);
    let mut pending = vec![(target, 0)];
    // Indexes may list each other: each is listed once, so that they do not multiply.
    let mut opened = HashSet::new();
    while let Some((descriptor, depth)) = pending.pop() {
        let digest = descriptor.digest;
        let variant = image
            .variants
            .iter()
            .find(|variant| variant.manifest == digest);
        let document = images.document(digest).await?;
        if variant.is_none() && depth < MAX_DEPTH {
            let nested = document.as_deref().map(entries).unwrap_or_default();
            if !nested.is_empty() && !opened.insert(digest) {
                continue;
            }
            if !nested.is_empty() {
                pending.extend(nested.into_iter().rev().map(|entry| (entry, depth + 1)));
                continue;
            }
        }
        let here = document.map(|document| document.len() as u64);
        summaries.push(summary(images, descriptor, variant, here).await?);
    }
    Ok(summaries)
}

/// The descriptors of an index; none of a document that is not an index.
fn entries(document: &[u8]) -> Vec<Descriptor> {
    decode(document).map_or_else(|_| Vec::new(), |index: Index| index.manifests)
}

/// `here` is the size of the manifest if it is here.
async fn summary(
    images: &Images,
    mut descriptor: Descriptor,
    variant: Option<&Variant>,
    here: Option<u64>,
) -> Result<ManifestSummary, Failure> {
    let digest = descriptor.digest;
    let manifest_size = here.unwrap_or(0);
    if let Some(variant) = variant {
        let found = images.inspect(&digest.to_string(), None).await?;
        let layers: u64 = variant.layers.iter().map(|layer| layer.size).sum();
        let content = manifest_size + found.config.len() as u64 + layers;
        let platform = variant.platform.clone();
        descriptor.platform.get_or_insert_with(|| platform.clone());
        return Ok(ManifestSummary {
            id: digest,
            descriptor,
            available: true,
            size: Size {
                total: content + found.content_size.unwrap_or(0),
                content,
            },
            kind: ManifestKind::Image,
            image: Some(image_data(&platform, found.content_size.unwrap_or(0))),
            attestation: None,
        });
    }
    let attested = attested(&descriptor).map(str::to_owned);
    let kind = match (&attested, &descriptor.platform) {
        (Some(_), _) => ManifestKind::Attestation,
        (None, Some(_)) => ManifestKind::Image,
        (None, None) => ManifestKind::Unknown,
    };
    let platform = descriptor.platform.as_ref();
    Ok(ManifestSummary {
        id: digest,
        available: kind == ManifestKind::Attestation && here.is_some(),
        size: Size {
            total: manifest_size,
            content: manifest_size,
        },
        kind,
        image: platform
            .filter(|_| kind == ManifestKind::Image)
            .map(|platform| image_data(platform, 0)),
        attestation: attested.map(|digest| json!({ "For": digest })),
        descriptor,
    })
}

/// The digest of the manifest that this descriptor's manifest attests, if it is an attestation.
fn attested(descriptor: &Descriptor) -> Option<&str> {
    let kind = descriptor.annotation("vnd.docker.reference.type")?;
    let digest = descriptor.annotation("vnd.docker.reference.digest");
    (kind == "attestation-manifest").then(|| digest.unwrap_or_default())
}

fn image_data(platform: &Platform, unpacked: u64) -> Value {
    json!({ "Platform": platform, "Size": { "Unpacked": unpacked }, "Containers": [] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestations_are_told_by_their_annotation() {
        let plain = Descriptor::new("", Digest::of("x"), 1);
        let annotated = Descriptor {
            annotations: Some(
                [
                    ("vnd.docker.reference.type", "attestation-manifest"),
                    ("vnd.docker.reference.digest", "sha256:00"),
                ]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
            ),
            ..plain.clone()
        };
        assert_eq!(attested(&annotated), Some("sha256:00"));
        assert_eq!(attested(&plain), None);
    }

    #[test]
    fn entries_of_what_is_no_index() {
        let digest = Digest::of("x");
        assert!(entries(b"no JSON").is_empty());
        assert!(entries(br#"{"layers":[]}"#).is_empty());
        let index = format!(r#"{{"Manifests":[{{"Digest":"{digest}","size":1}}]}}"#);
        let found = entries(index.as_bytes());
        assert_eq!(found, [Descriptor::new("", digest, 1)]);
    }
}
