use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Descriptor;

/// The `oci-layout` file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Layout {
    pub(crate) image_layout_version: String,
}

/// An OCI index or Docker manifest list.
#[derive(Debug, Deserialize)]
pub(crate) struct Index {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

impl Index {
    pub(crate) fn into_manifests(self) -> Vec<Descriptor> {
        self.manifests.unwrap_or_default()
    }
}

/// An OCI or Docker schema 2 manifest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    pub(crate) config: Descriptor,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    artifact_type: Option<String>,
    #[serde(default)]
    subject: Option<IgnoredAny>,
}

impl Manifest {
    pub(crate) fn layers(&self) -> &[Descriptor] {
        self.layers.as_deref().unwrap_or_default()
    }

    /// Whether it is an image, and not something else that is kept in the form of one (a
    /// signature, an attestation, a chart).
    pub(crate) fn is_image(&self) -> bool {
        let config = self.config.media_type.as_str();
        let of_image = matches!(
            config,
            "" | "application/vnd.oci.image.config.v1+json"
                | "application/vnd.docker.container.image.v1+json"
        );
        let attests = self
            .layers()
            .iter()
            .any(|layer| layer.media_type.contains("in-toto"));
        of_image && self.artifact_type.is_none() && self.subject.is_none() && !attests
    }
}

/// What a manifest-like document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Index,
    Manifest,
    /// Docker schema 1, or nothing known.
    Other,
}

/// Tells what a document is: by its own media type, else by what it has, as some writers leave
/// the type out.
pub(crate) fn shape(document: &[u8]) -> Result<Shape, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outline {
        #[serde(default)]
        media_type: Option<String>,
        #[serde(default)]
        manifests: Option<IgnoredAny>,
        #[serde(default)]
        config: Option<IgnoredAny>,
    }
    let outline: Outline = serde_json::from_slice(document)?;
    Ok(match outline.media_type.as_deref().unwrap_or_default() {
        "application/vnd.oci.image.index.v1+json"
        | "application/vnd.docker.distribution.manifest.list.v2+json" => Shape::Index,
        "application/vnd.oci.image.manifest.v1+json"
        | "application/vnd.docker.distribution.manifest.v2+json" => Shape::Manifest,
        "" if outline.manifests.is_some() => Shape::Index,
        "" if outline.config.is_some() => Shape::Manifest,
        _ => Shape::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (json, expected) in [
            (r#"{"schemaVersion":2,"manifests":[]}"#, Shape::Index),
            (
                r#"{"mediaType":"application/vnd.oci.image.index.v1+json"}"#,
                Shape::Index,
            ),
            (
                r#"{"schemaVersion":2,"config":{},"layers":[]}"#,
                Shape::Manifest,
            ),
            (
                r#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}"#,
                Shape::Manifest,
            ),
            (r#"{"schemaVersion":1,"fsLayers":[]}"#, Shape::Other),
            (
                r#"{"mediaType":"application/vnd.docker.distribution.manifest.v1+json","config":1}"#,
                Shape::Other,
            ),
        ] {
            assert_eq!(shape(json.as_bytes()).expect("JSON"), expected, "{json}");
        }
    }
}
