//! The OCI manifest and Docker's manifest of schema 2.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::json::any_case;
use crate::{Descriptor, media_type};

/// An OCI manifest or Docker's of schema 2: a config and layers.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its config.
    pub config: Descriptor,
    /// The layers, base first.
    pub layers: Vec<Descriptor>,
    /// The type of artifact that it declares, if any.
    pub artifact_type: Option<String>,
}

impl Manifest {
    /// Whether it is an image, not a signature, an attestation, a chart or another artifact in the
    /// form of one.
    ///
    /// Its config must be an image's and its layers file systems: cosign signs with an image's
    /// config and layers of its own type. A `subject` does not make an image something else.
    pub fn is_image(&self) -> bool {
        media_type::is_image_config(&self.config.media_type)
            && self
                .layers
                .iter()
                .all(|layer| media_type::is_layer(&layer.media_type))
    }

    /// The media type that identifies it: that of the artifact, or else of the part that makes it
    /// one. For an image, that of its config.
    pub fn kind(&self) -> &str {
        let named = self.artifact_type.as_deref();
        let config = self.config.media_type.as_str();
        let strange = |layer: &&Descriptor| !media_type::is_layer(&layer.media_type);
        match named.filter(|kind| !media_type::is_image_config(kind)) {
            Some(kind) => kind,
            None if media_type::is_image_config(config) => {
                let strange = self.layers.iter().find(strange);
                strange.map_or(config, |layer| &layer.media_type)
            }
            None => config,
        }
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Debug, Default)]
        struct Read {
            config: Option<Descriptor>,
            layers: Vec<Descriptor>,
            artifact_type: Option<String>,
        }

        any_case!(Read, "a manifest" {
            "config" => config,
            "layers" => layers,
            "artifacttype" => artifact_type,
        });

        let read = Read::deserialize(deserializer)?;
        Ok(Self {
            config: read
                .config
                .ok_or_else(|| D::Error::missing_field("config"))?,
            layers: read.layers,
            artifact_type: read.artifact_type,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::decode;

    #[test]
    fn images_and_what_only_looks_like_one() {
        let image = "application/vnd.oci.image.config.v1+json";
        let gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
        for (config, layer, more, kind) in [
            (image, gzip, "", None),
            ("", "", "", None),
            (image, gzip, r#","subject":{"digest":"x"}"#, None),
            (
                image,
                "application/vnd.dev.cosign.simplesigning.v1+json",
                "",
                Some("application/vnd.dev.cosign.simplesigning.v1+json"),
            ),
            (
                "application/vnd.cncf.helm.config.v1+json",
                "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "",
                Some("application/vnd.cncf.helm.config.v1+json"),
            ),
            (
                "application/vnd.oci.empty.v1+json",
                gzip,
                r#","artifactType":"application/spdx+json""#,
                Some("application/spdx+json"),
            ),
        ] {
            let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
            let json = format!(
                r#"{{"Config":{{"mediaType":"{config}","digest":"{digest}","size":2}},
                    "layers":[{{"mediaType":"{layer}","digest":"{digest}","size":0}}]{more}}}"#
            );
            let manifest: Manifest = decode(json.as_bytes()).expect("valid");
            assert_eq!(manifest.is_image(), kind.is_none(), "{json}");
            assert_eq!(manifest.kind(), kind.unwrap_or(config), "{json}");
        }
        assert!(decode::<Manifest>(b"{}").is_err());
    }
}
