//! Decides in which form an image and its layers are pushed.

use sockerless_archive::{Document, Meaning, read_manifest};
use sockerless_oci::media_type;
use sockerless_state::Layer;

use super::{Destination, Form, Parts};
use crate::encode::Encoding;
use crate::layer_source::{LayerSource, RemoteBlob};
use crate::{Error, Images};

/// How a layer gets into a repository.
#[derive(Debug)]
pub(super) enum Plan {
    /// It stays where its URLs say.
    Foreign,
    /// The blob as it is.
    AsItIs(Option<LayerSource>),
    /// Its content in another encoding.
    Encoded {
        encoding: Encoding,
        /// The result of an earlier encoding.
        known: Option<sockerless_state::Encoding>,
        /// Where that is, when it is in a registry.
        known_at: Option<LayerSource>,
        /// The content, in the form in which it is available.
        source: Option<LayerSource>,
    },
}

impl Images {
    pub(super) async fn plan(
        &self,
        layer: &Layer,
        form: Form,
        parts: &Parts,
        to: &Destination,
    ) -> Result<Plan, Error> {
        if !layer.urls.is_empty() {
            return Ok(Plan::Foreign);
        }
        let source = parts.layers.get(&layer.digest).cloned();
        let encoding = match form.encoding() {
            None => return Ok(Plan::AsItIs(source)),
            Some(encoding) if is_encoded(layer, encoding) => return Ok(Plan::AsItIs(source)),
            Some(encoding) => encoding,
        };
        let known = self
            .state
            .encodings(&[layer.diff_id], encoding.name())
            .await?
            .pop();
        let mut known_at = None;
        if let Some(known) = &known {
            // A push checks the repository itself; only other repositories are sources.
            let mut elsewhere = self.repositories_with(known.digest).await?;
            elsewhere.retain(|name| *name != to.name);
            // The same registry can mount it. A stable sort.
            let host = format!("{}/", to.repository.host());
            elsewhere.sort_by_key(|name| !name.starts_with(&host));
            if let Some(name) = elsewhere.into_iter().next() {
                known_at = Some(LayerSource::Remote(RemoteBlob {
                    repository: self.repository_near(&name, Some(&to.repository))?,
                    digest: known.digest,
                    size: known.size,
                }));
            }
        }
        Ok(Plan::Encoded {
            encoding,
            known,
            known_at,
            source,
        })
    }
}

/// Whether a layer's blob has the encoding already, by its media type.
fn is_encoded(layer: &Layer, encoding: Encoding) -> bool {
    layer.media_type == encoding.media_type()
        || match encoding {
            Encoding::Plain => layer.digest == layer.diff_id,
            Encoding::Gzip => layer.media_type.ends_with("tar.gzip"),
            Encoding::Zstd => layer.media_type.ends_with("tar.zstd"),
        }
}

/// Whether a manifest is just what is to be pushed: an OCI image manifest with a media type, all of
/// its layers in the one encoding. Then it is kept, and with it the image's digest.
pub(super) fn has_form(manifest: &Document, form: Form) -> bool {
    let Some(encoding) = form.encoding() else {
        return true;
    };
    let says_oci = declared(manifest).as_deref() == Some(media_type::OCI_MANIFEST);
    match read_manifest("", manifest) {
        Ok(Meaning::Image { config, layers }) => {
            says_oci
                && config.media_type == media_type::OCI_CONFIG
                && layers
                    .iter()
                    .all(|layer| layer.media_type == encoding.media_type())
        }
        _ => false,
    }
}

/// The media type of a manifest: its own, or OCI's.
pub(crate) fn media_type_of(manifest: &Document) -> String {
    declared(manifest).unwrap_or_else(|| media_type::OCI_MANIFEST.to_owned())
}

/// The media type that a manifest declares. It was parsed before, so an error counts as none.
fn declared(manifest: &Document) -> Option<String> {
    media_type::declared(&manifest.bytes).ok().flatten()
}
