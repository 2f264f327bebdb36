use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use jiff::Timestamp;
use sockerless_archive::{
    Archive, ArchiveImage, ArchiveLayer, ArchiveVariant, Blob as ArchiveBlob, Compression,
    Document, ManifestLayer, Presence, Target,
};
use sockerless_content::StagedBlob;
use sockerless_reference::Digest;
use sockerless_state::{Addition, Blob, Image, Layer, Origin, Variant};

use super::resolve::KnownLayers;
use crate::{Error, Kind};
use sockerless_oci::Time;
use sockerless_oci::config::ImageConfig;
use sockerless_oci::media_type;

/// What a load is about to make visible, in this order.
pub(super) struct Assembly {
    /// The blobs that an image needs.
    pub(super) staged: Vec<StagedBlob>,
    /// The images and their names.
    pub(super) addition: Addition,
}

/// Makes of a verified archive what is to be recorded.
///
/// # Errors
/// When a layer that the archive leaves out is not known.
pub(super) fn assemble(archive: Archive, known: &KnownLayers) -> Result<Assembly, Error> {
    let Archive { images, blobs, .. } = archive;
    let facts = blobs
        .iter()
        .map(|blob| (blob.staged.digest(), blob))
        .collect();
    let mut parts = Parts {
        facts,
        known,
        addition: Addition::default(),
        seen: HashSet::new(),
    };
    for image in images {
        parts.image(image)?;
    }
    let addition = parts.addition;
    let mut needed: HashSet<Digest> = addition.blobs.iter().map(|blob| blob.digest).collect();
    needed.extend(addition.images.iter().flat_map(|image| &image.blobs));
    let staged = blobs.into_iter().map(|blob| blob.staged);
    let staged = staged
        .filter(|blob| needed.remove(&blob.digest()))
        .collect();
    Ok(Assembly { staged, addition })
}

struct Parts<'a> {
    facts: HashMap<Digest, &'a ArchiveBlob>,
    known: &'a KnownLayers,
    addition: Addition,
    /// Documents and blobs that are in the addition.
    seen: HashSet<Digest>,
}

impl Parts<'_> {
    fn image(&mut self, image: ArchiveImage) -> Result<(), Error> {
        let ArchiveImage {
            target,
            variants,
            documents,
            blobs,
            names,
        } = image;
        let mut made = Vec::with_capacity(variants.len());
        let mut missing = None;
        for variant in variants {
            match self.variant(variant) {
                Ok(variant) => made.push(variant),
                // A platform that came without its layers is not here; the first one must be.
                Err(error) if made.is_empty() => return Err(error),
                Err(error) => missing = Some(error),
            }
        }
        if let Some(error) = missing {
            tracing::info!(%error, "a platform of the image is not complete and is left out");
        }
        let Some(default) = made.first() else {
            return Err(Error::new(
                Kind::Internal,
                "the archive has an image without platforms",
            ));
        };
        let (origin, target) = match target {
            Some(target) => (Origin::Original, target),
            None => {
                let document = self.generated(default)?;
                let media_type = media_type::OCI_MANIFEST.to_owned();
                (
                    Origin::Generated,
                    Target {
                        document,
                        media_type,
                    },
                )
            }
        };
        let digest = target.document.digest;
        let image = Image {
            target: digest,
            media_type: target.media_type,
            size: target.document.bytes.len() as u64,
            id: default.config,
            origin,
            variants: made,
            documents: documents.iter().map(|document| document.digest).collect(),
            blobs,
            loaded_at: Timestamp::now(),
        };
        self.document(target.document);
        documents
            .into_iter()
            .for_each(|document| self.document(document));
        self.addition
            .names
            .extend(names.into_iter().map(|name| (name, digest)));
        self.addition.images.push(image);
        Ok(())
    }

    fn variant(&mut self, variant: ArchiveVariant) -> Result<Variant, Error> {
        let ArchiveVariant {
            platform,
            manifest,
            config,
            layers,
        } = variant;
        let layers = layers
            .into_iter()
            .enumerate()
            .map(|(index, layer)| self.layer(index, layer));
        let layers: Vec<_> = layers.collect::<Result<_, _>>()?;
        let manifest = match manifest {
            Some(manifest) => manifest,
            None => generate(&config, &layers)?,
        };
        let made = Variant {
            platform,
            manifest: manifest.digest,
            config: config.digest,
            layers,
            created: ImageConfig::parse(&config.bytes)
                .ok()
                .and_then(|config| config.created)
                .map(Time::timestamp),
        };
        self.document(manifest);
        self.document(config);
        Ok(made)
    }

    fn layer(&mut self, index: usize, layer: ArchiveLayer) -> Result<Layer, Error> {
        let ArchiveLayer {
            diff_id,
            entry,
            descriptor,
            presence,
        } = layer;
        let urls = descriptor
            .as_ref()
            .map(|d| d.urls.clone())
            .unwrap_or_default();
        let described = descriptor.as_ref().map(|d| d.media_type.clone());
        let described = described.filter(|media_type| !media_type.is_empty());
        let missing = || {
            let message = format!(
                "layer {index} ({entry:?}) is not in the archive, and no verified layer with \
                 diff_id {diff_id} is here"
            );
            Error::new(Kind::Internal, message)
        };
        match presence {
            Presence::Here(digest) => {
                let blob = self.facts.get(&digest).ok_or_else(missing)?;
                let facts = blob.layer().map_err(|error| {
                    Error::new(Kind::Internal, error.to_string()).with_source(error)
                })?;
                let media_type = described.unwrap_or_else(|| layer_type(blob.compression));
                let size = blob.staged.size();
                if self.seen.insert(digest) {
                    self.addition.blobs.push(Blob {
                        digest,
                        size,
                        media_type: media_type.clone(),
                        diff_id,
                        tar_size: facts.size,
                        content_size: facts.content_size,
                    });
                }
                Ok(Layer {
                    diff_id,
                    digest,
                    size,
                    media_type,
                    urls,
                    content_size: Some(facts.content_size),
                })
            }
            Presence::LeftOut => {
                let candidates = self.known.get(&diff_id).map_or(&[][..], Vec::as_slice);
                let wanted = descriptor.as_ref().map(|descriptor| descriptor.digest);
                let fits = |blob: &&Blob| wanted.is_none_or(|digest| blob.digest == digest);
                let blob = candidates.iter().find(fits).ok_or_else(missing)?;
                let media_type = described.unwrap_or_else(|| blob.media_type.clone());
                // The image that had it may be removed meanwhile, and what is known of it too.
                if self.seen.insert(blob.digest) {
                    self.addition.blobs.push(blob.clone());
                }
                Ok(Layer {
                    diff_id,
                    digest: blob.digest,
                    size: blob.size,
                    media_type,
                    urls,
                    content_size: Some(blob.content_size),
                })
            }
            Presence::Foreign => {
                let descriptor = descriptor.ok_or_else(missing)?;
                Ok(Layer {
                    diff_id,
                    digest: descriptor.digest,
                    size: descriptor.size,
                    media_type: descriptor.media_type,
                    urls,
                    content_size: None,
                })
            }
        }
    }

    /// The manifest that was made for a variant that had none.
    fn generated(&self, variant: &Variant) -> Result<Document, Error> {
        let documents = &self.addition.documents;
        let found = documents
            .iter()
            .find(|(digest, _)| *digest == variant.manifest);
        let bytes: Option<Bytes> = found.map(|(_, bytes)| bytes.clone());
        bytes.map(Document::new).ok_or_else(|| {
            Error::new(
                Kind::Internal,
                format!("manifest {} was not made", variant.manifest),
            )
        })
    }

    fn document(&mut self, document: Document) {
        if self.seen.insert(document.digest) {
            self.addition
                .documents
                .push((document.digest, document.bytes));
        }
    }
}

fn generate(config: &Document, layers: &[Layer]) -> Result<Document, Error> {
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| ManifestLayer {
            media_type: layer.media_type.clone(),
            digest: layer.digest,
            size: layer.size,
            urls: layer.urls.clone(),
        })
        .collect();
    sockerless_archive::generate(config, &layers)
        .map_err(|error| Error::new(Kind::Internal, "cannot make a manifest").with_source(error))
}

/// The media type of a layer that came without one.
fn layer_type(compression: Compression) -> String {
    let base = media_type::OCI_LAYER;
    match compression {
        Compression::None => base.to_owned(),
        other => format!("{base}+{other}"),
    }
}
