//! Decides what a saved archive contains, and finds the source of every blob.

use std::collections::{BTreeSet, HashMap};

use sockerless_archive::write::SavedImage;
use sockerless_archive::{Document, Meaning, Target, read_manifest};
use sockerless_oci::Platform;
use sockerless_reference::{Digest, Reference};
use sockerless_state::{Found, Image, Variant};

use crate::image::best;
use crate::layer_source::{LayerSource, RemoteBlob};
use crate::publish::{attached, media_type_of};
use crate::retention::Pinned;
use crate::{Error, Images, Kind};

/// An image that is to be saved, with the names that were asked for.
#[derive(Debug)]
pub(super) struct Selection {
    image: Image,
    /// The index of the variant that the client's name means.
    variant: usize,
    config: bytes::Bytes,
    pub(super) names: BTreeSet<Reference>,
}

/// The content of an archive to write.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) images: Vec<SavedImage>,
    pub(super) documents: Vec<Document>,
    /// Every blob with its size and where it is.
    pub(super) blobs: HashMap<Digest, (u64, LayerSource)>,
    /// For the events when it is done: IDs and the bytes of configs.
    pub(super) saved: Vec<(Digest, bytes::Bytes)>,
    /// Keeps the files from being removed.
    pub(super) pinned: Vec<Pinned>,
}

/// One variant in the form in which it is available.
struct Form {
    manifest: Document,
    media_type: String,
    config: Digest,
    platform: Platform,
    /// Base first. A foreign layer that is not here has no source: the loader of the archive
    /// fetches it from the URLs of its descriptor.
    layers: Vec<(Digest, u64, Option<LayerSource>)>,
}

impl Selection {
    pub(super) fn new(found: Found) -> Self {
        Self {
            image: found.image,
            variant: found.variant,
            config: found.config,
            names: BTreeSet::new(),
        }
    }

    /// Whether the client's name means an index, and not one image in it.
    fn is_index(&self) -> bool {
        let mut variants = self.image.variants.iter();
        self.variant == 0 && variants.all(|variant| variant.manifest != self.image.target)
    }

    /// The variants that were requested.
    fn chosen(&self, platforms: &[Platform]) -> Result<Vec<&Variant>, Error> {
        let variants = match self.variant {
            0 => self.image.variants.as_slice(),
            one => self.image.variants.get(one..=one).unwrap_or_default(),
        };
        if platforms.is_empty() {
            return Ok(variants.iter().collect());
        }
        let mut chosen: Vec<&Variant> = Vec::new();
        for wanted in platforms {
            let Some(variant) = best(variants, wanted).and_then(|at| variants.get(at)) else {
                let name = self.names.first().map(|name| name.familiar().to_owned());
                let message = format!(
                    "image with reference {} was found but does not provide the specified \
                     platform ({wanted})",
                    name.unwrap_or_else(|| self.image.id.to_string())
                );
                return Err(Error::new(Kind::NotFound, message));
            };
            if !chosen.contains(&variant) {
                chosen.push(variant);
            }
        }
        Ok(chosen)
    }
}

impl Images {
    /// Finds everything that the archive will contain.
    pub(super) async fn plan_save(
        &self,
        selections: impl IntoIterator<Item = Selection>,
        platforms: &[Platform],
    ) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        for selection in selections {
            self.plan_image(&selection, platforms, &mut plan).await?;
        }
        Ok(plan)
    }

    async fn plan_image(
        &self,
        selection: &Selection,
        platforms: &[Platform],
        plan: &mut Plan,
    ) -> Result<(), Error> {
        let image = &selection.image;
        let layers = image.variants.iter().flat_map(|variant| &variant.layers);
        let blobs = image.blobs.iter().copied();
        let pinned = layers.map(|layer| layer.digest).chain(blobs);
        plan.pinned.push(self.retention.pin(pinned).await);
        plan.saved.push((image.id, selection.config.clone()));

        let mut forms = Vec::new();
        for variant in selection.chosen(platforms)? {
            match self.form(image, variant).await {
                Ok(form) => forms.push(form),
                // An index may be saved with the platforms that are available; the default one must
                // be, and every one that was requested.
                Err(error)
                    if forms.is_empty()
                        || !platforms.is_empty()
                        || error.kind() != Kind::NotFound =>
                {
                    return Err(error);
                }
                Err(error) => {
                    tracing::info!(%error, "a platform cannot be had and is not saved");
                }
            }
        }
        let is_own = |form: &Form| {
            let mut variants = image.variants.iter();
            variants.any(|variant| variant.manifest == form.manifest.digest)
        };
        let keeps_index = selection.is_index() && forms.iter().all(is_own);
        if !keeps_index {
            // Without its index only one of several manifests could have the name.
            forms.truncate(1);
        }
        let Some(default) = forms.first() else {
            return Ok(());
        };
        let (target, platform) = if keeps_index {
            let document = self.document_of(image, image.target).await?;
            let media_type = image.media_type.clone();
            (
                Target {
                    document,
                    media_type,
                },
                None,
            )
        } else {
            let document = default.manifest.clone();
            let media_type = default.media_type.clone();
            let platform = default.platform.spelled();
            (
                Target {
                    document,
                    media_type,
                },
                Some(platform),
            )
        };
        plan.images.push(SavedImage {
            target,
            names: selection.names.iter().cloned().collect(),
            config: default.config,
            layers: default.layers.iter().map(|(digest, ..)| *digest).collect(),
            platform,
        });
        if keeps_index {
            self.plan_rest(image, plan).await?;
        }
        for form in forms {
            let config = self.document_of(image, form.config).await?;
            plan.documents.extend([form.manifest, config]);
            for (digest, size, source) in form.layers {
                plan.blobs
                    .extend(source.map(|source| (digest, (size, source))));
            }
        }
        Ok(())
    }

    /// The parts of an index besides its images: nested indexes, attestations.
    async fn plan_rest(&self, image: &Image, plan: &mut Plan) -> Result<(), Error> {
        let blobs = image.blobs.iter().copied().collect();
        for digest in [&image.target].into_iter().chain(&image.documents) {
            let document = self.document_of(image, *digest).await?;
            for part in attached(&blobs, &document) {
                let source = self.source_of(part.digest, part.size).await?;
                let Some(source) = source else {
                    let known = self.repositories_with(part.digest).await?;
                    return Err(self.nowhere(image, part.digest, &known));
                };
                plan.blobs.insert(part.digest, (part.size, source));
            }
            // The index itself is in the plan already.
            if *digest != image.target {
                plan.documents.push(document);
            }
        }
        Ok(())
    }

    /// A variant in its original form; in its staged form when its own layers are no longer
    /// available.
    async fn form(&self, image: &Image, variant: &Variant) -> Result<Form, Error> {
        let mut layers = Vec::with_capacity(variant.layers.len());
        for layer in &variant.layers {
            let source = self.source_of(layer.digest, layer.size).await;
            let source = match source {
                Ok(None) | Err(_) if layer.urls.is_empty() => {
                    if let Some(staged) = self.staged_form(image, variant).await? {
                        return Ok(staged);
                    }
                    return Err(match source {
                        Err(error) => error,
                        Ok(_) => {
                            let known = self.repositories_with(layer.digest).await?;
                            self.nowhere(image, layer.digest, &known)
                        }
                    });
                }
                Err(_) => None,
                Ok(source) => source,
            };
            layers.push((layer.digest, layer.size, source));
        }
        let manifest = self.document_of(image, variant.manifest).await?;
        Ok(Form {
            media_type: media_type_of(&manifest),
            manifest,
            config: variant.config,
            platform: variant.platform.clone(),
            layers,
        })
    }

    /// A variant in the form that the staging repository has, if any.
    async fn staged_form(&self, image: &Image, variant: &Variant) -> Result<Option<Form>, Error> {
        let Some(staging) = &self.config.staging else {
            return Ok(None);
        };
        let name = staging.repository.repository();
        let staged = self.state.staged(image.target, name).await?;
        let Some(staged) = staged.iter().find(|s| s.config == variant.config) else {
            return Ok(None);
        };
        let manifest = self.document_of(image, staged.manifest).await?;
        let entry = manifest.digest.to_string();
        let Meaning::Image { layers: parts, .. } = read_manifest(&entry, &manifest)? else {
            return Ok(None);
        };
        let repository = self.own_repository(name)?;
        let mut layers = Vec::with_capacity(parts.len());
        for part in parts {
            let there = repository.head_blob(&part.digest).await;
            if there.map_err(Error::registry)?.is_none() {
                return Ok(None);
            }
            let source = LayerSource::Remote(RemoteBlob {
                repository: repository.clone(),
                digest: part.digest,
                size: part.size,
            });
            layers.push((part.digest, part.size, Some(source)));
        }
        Ok(Some(Form {
            media_type: media_type_of(&manifest),
            manifest,
            config: variant.config,
            platform: variant.platform.clone(),
            layers,
        }))
    }

    async fn document_of(&self, image: &Image, digest: Digest) -> Result<Document, Error> {
        let bytes = self.state.document(digest).await?;
        let bytes = bytes.ok_or_else(|| self.nowhere(image, digest, &[]))?;
        Ok(Document { digest, bytes })
    }

    /// The error for a blob that is not available, although the repositories `known` should have
    /// it.
    fn nowhere(&self, image: &Image, digest: Digest, known: &[String]) -> Error {
        let (why, instead) = match self.keeps_layers() {
            true => ("is not here", "load or pull the image again"),
            false => (
                "was verified and not kept (the daemon runs with --content discard)",
                "run the daemon with --content keep, or with --staging, and load the image again",
            ),
        };
        let message = match known {
            [] => format!(
                "{digest} of image {} {why}, and no registry is known that has it: {instead}",
                image.id
            ),
            known => format!(
                "{digest} of image {} {why}, and this daemon cannot read it from {}: a login of a \
                 client is not kept, so put credentials for it into the Docker config file of the \
                 daemon's user",
                image.id,
                known.join(" or ")
            ),
        };
        Error::new(Kind::NotFound, message)
    }
}
