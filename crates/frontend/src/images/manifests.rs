//! What `manifests=1` adds to inspect: every manifest that an image's index names.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value, json};
use sockerless_engine::{Digest, Engine, Image, Variant};

use crate::fields::{field, text};
use crate::status::Failure;

/// An index in an index in an index: nobody needs more.
const MAX_DEPTH: usize = 8;

#[derive(Debug, Serialize)]
pub(super) struct ManifestSummary {
    #[serde(rename = "ID")]
    id: Digest,
    #[serde(rename = "Descriptor")]
    descriptor: Value,
    #[serde(rename = "Available")]
    available: bool,
    #[serde(rename = "Size")]
    size: Size,
    #[serde(rename = "Kind")]
    kind: Kind,
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
enum Kind {
    Image,
    Attestation,
    Unknown,
}

/// One summary for each manifest, in the index's order; one for an image that is no index.
pub(super) async fn summaries(
    engine: &Engine,
    image: &Image,
) -> Result<Vec<ManifestSummary>, Failure> {
    let mut summaries = Vec::new();
    let target = json!({
        "mediaType": image.media_type,
        "digest": image.target,
        "size": image.size,
    });
    let mut pending = vec![(target, 0)];
    // Indexes may list each other: told once, they do not multiply.
    let mut opened = HashSet::new();
    while let Some((descriptor, depth)) = pending.pop() {
        let Some(digest) = digest_of(&descriptor) else {
            continue;
        };
        let variant = image
            .variants
            .iter()
            .find(|variant| variant.manifest == digest);
        let document = engine.document(digest).await?;
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
        summaries.push(summary(engine, digest, descriptor, variant, here).await?);
    }
    Ok(summaries)
}

/// The descriptors of an index; none of a document that is no index.
fn entries(document: &[u8]) -> Vec<Value> {
    let Ok(Value::Object(object)) = serde_json::from_slice(document) else {
        return Vec::new();
    };
    field(&object, "manifests")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn digest_of(descriptor: &Value) -> Option<Digest> {
    text(descriptor.as_object()?, "digest").parse().ok()
}

/// `here` is the size of the manifest if it is here.
async fn summary(
    engine: &Engine,
    digest: Digest,
    mut descriptor: Value,
    variant: Option<&Variant>,
    here: Option<u64>,
) -> Result<ManifestSummary, Failure> {
    let manifest_size = here.unwrap_or(0);
    if let Some(variant) = variant {
        let found = engine.inspect(&digest.to_string(), None).await?;
        let layers: u64 = variant.layers.iter().map(|layer| layer.size).sum();
        let content = manifest_size + found.config.len() as u64 + layers;
        let platform = platform(variant);
        if let Value::Object(descriptor) = &mut descriptor {
            descriptor
                .entry("platform")
                .or_insert_with(|| platform.clone());
        }
        return Ok(ManifestSummary {
            id: digest,
            descriptor,
            available: true,
            size: Size {
                total: content + found.content_size.unwrap_or(0),
                content,
            },
            kind: Kind::Image,
            image: Some(image_data(platform, found.content_size.unwrap_or(0))),
            attestation: None,
        });
    }
    let empty = Map::new();
    let object = descriptor.as_object().unwrap_or(&empty);
    let attested = attested(object);
    let platform = field(object, "platform")
        .filter(|platform| platform.is_object())
        .cloned();
    let kind = match (&attested, &platform) {
        (Some(_), _) => Kind::Attestation,
        (None, Some(_)) => Kind::Image,
        (None, None) => Kind::Unknown,
    };
    Ok(ManifestSummary {
        id: digest,
        available: kind == Kind::Attestation && here.is_some(),
        size: Size {
            total: manifest_size,
            content: manifest_size,
        },
        kind,
        image: platform
            .filter(|_| kind == Kind::Image)
            .map(|platform| image_data(platform, 0)),
        attestation: attested.map(|digest| json!({ "For": digest })),
        descriptor,
    })
}

/// The digest of the manifest that this descriptor's manifest attests, if it is an attestation.
fn attested(descriptor: &Map<String, Value>) -> Option<String> {
    let annotations = field(descriptor, "annotations")?.as_object()?;
    let kind = annotations.get("vnd.docker.reference.type")?;
    let digest = annotations
        .get("vnd.docker.reference.digest")
        .and_then(Value::as_str);
    (kind == "attestation-manifest").then(|| digest.unwrap_or_default().to_owned())
}

fn image_data(platform: Value, unpacked: u64) -> Value {
    json!({ "Platform": platform, "Size": { "Unpacked": unpacked }, "Containers": [] })
}

/// The platform of a variant as descriptors tell it.
pub(super) fn platform(variant: &Variant) -> Value {
    let platform = &variant.platform;
    let mut object = Map::new();
    object.insert("architecture".to_owned(), json!(platform.architecture));
    object.insert("os".to_owned(), json!(platform.os));
    if let Some(version) = &platform.os_version {
        object.insert("os.version".to_owned(), json!(version));
    }
    if let Some(variant) = &platform.variant {
        object.insert("variant".to_owned(), json!(variant));
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestations_are_told_by_their_annotation() {
        let descriptor = json!({
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": "sha256:00",
            },
            "platform": { "os": "unknown", "architecture": "unknown" },
        });
        let object = descriptor.as_object().expect("object");
        assert_eq!(attested(object).as_deref(), Some("sha256:00"));
        assert_eq!(attested(&Map::new()), None);
    }

    #[test]
    fn entries_of_what_is_no_index() {
        assert_eq!(entries(b"no JSON"), Vec::<Value>::new());
        assert_eq!(entries(br#"{"layers":[]}"#), Vec::<Value>::new());
        assert_eq!(
            entries(br#"{"manifests":[{"size":1}]}"#),
            [json!({ "size": 1 })]
        );
    }
}
