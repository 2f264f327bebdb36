//! Stages the blobs of an image that its published form lacks, so that it can be restored to the
//! byte.

use std::collections::HashSet;

use sockerless_archive::{Descriptor, Document, Meaning, generate, read_manifest};
use sockerless_oci::media_type;
use sockerless_reference::Digest;
use sockerless_state::{Image, Layer, Variant};

use super::plan::Plan;
use super::{Destination, Parts, Published};
use crate::progress::Progress;
use crate::{Error, Images};

impl Images {
    /// Brings into the repository the blobs that the published forms of an image's platforms lack
    /// and that cannot be restored from them: layers that came in another compression, and
    /// attestations that are too large for the state.
    ///
    /// Registries forget blobs that no manifest names, so this makes one that does. It is an image
    /// manifest, because every registry accepts that, but it is not meant to be run. `None` when
    /// nothing is lacking, as with most images.
    pub(crate) async fn publish_originals(
        &self,
        image: &Image,
        published: &[(&Variant, Published)],
        parts: &Parts,
        to: &Destination,
        progress: &Progress,
    ) -> Result<Option<Published>, Error> {
        let mut lacking: Vec<Layer> = Vec::new();
        for (variant, made) in published {
            lacking.extend(other_layers(variant, made)?.cloned());
        }
        lacking.extend(attached_blobs(image, parts)?);
        let mut seen = HashSet::new();
        lacking.retain(|layer| seen.insert(layer.digest));
        let Some((default, _)) = published.first().filter(|_| !lacking.is_empty()) else {
            return Ok(None);
        };
        let mut sent = Vec::with_capacity(lacking.len());
        for layer in &lacking {
            let plan = Plan::AsItIs(parts.layers.get(&layer.digest).cloned());
            sent.push(self.send(layer, plan, false, to, progress).await?);
        }
        let config = parts.document(default.config)?;
        let manifest = generate(&config, &sent)
            .map_err(|e| Error::internal("cannot make a manifest").with_source(e))?;
        Ok(Some(Published {
            manifest,
            media_type: media_type::OCI_MANIFEST.to_owned(),
        }))
    }
}

/// The layers of a variant that are not in its published form and are not tars, which could be
/// decoded from that. Without layers that have URLs: those stay where they are.
fn other_layers<'a>(
    variant: &'a Variant,
    made: &Published,
) -> Result<impl Iterator<Item = &'a Layer>, Error> {
    let there: HashSet<Digest> = match read_manifest("", &made.manifest)? {
        Meaning::Image { layers, .. } => layers.iter().map(|layer| layer.digest).collect(),
        _ => HashSet::new(),
    };
    let layers = variant.layers.iter();
    Ok(layers.filter(move |layer| {
        layer.urls.is_empty() && layer.digest != layer.diff_id && !there.contains(&layer.digest)
    }))
}

/// The blobs of an image besides its layers, in the form of layers.
fn attached_blobs(image: &Image, parts: &Parts) -> Result<Vec<Layer>, Error> {
    let of_image: HashSet<Digest> = image.blobs.iter().copied().collect();
    let mut blobs = Vec::new();
    for digest in [&image.target].into_iter().chain(&image.documents) {
        let attached = attached(&of_image, &parts.document(*digest)?);
        blobs.extend(attached.into_iter().map(|part| Layer {
            diff_id: part.digest,
            digest: part.digest,
            size: part.size,
            media_type: part.media_type,
            urls: Vec::new(),
            content_size: None,
        }));
    }
    Ok(blobs)
}

/// Those of `blobs`, which an image has besides its layers, to which one of its documents refers:
/// an attestation that is too large for a document.
pub(crate) fn attached(blobs: &HashSet<Digest>, document: &Document) -> Vec<Descriptor> {
    let mut parts = match read_manifest("", document) {
        Ok(Meaning::Attachment { parts, .. }) => parts,
        // A manifest that only its index describes as something other than an image.
        Ok(Meaning::Image { config, mut layers }) => {
            layers.push(*config);
            layers
        }
        // What an index lists under a media type that is not known may be any blob.
        Ok(Meaning::Index(children)) => {
            let others = children.into_iter();
            others.filter(|child| !child.may_be_image()).collect()
        }
        Ok(Meaning::Unknown { .. }) | Err(_) => Vec::new(),
    };
    parts.retain(|part| blobs.contains(&part.digest));
    parts
}
