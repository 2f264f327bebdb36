//! Pushes images with their manifests and indexes to a registry, for `docker push`.

use std::collections::HashSet;
use std::time::Instant;

use sockerless_archive::{Descriptor, Document, Meaning, read_manifest};
use sockerless_oci::Platform;
use sockerless_reference::{Query, Reference};
use sockerless_registry::{Progress as Told, Source};
use sockerless_state::{Found, Image, Origin};

use crate::events::ImageEvent;
use crate::image::best;
use crate::progress::Update;
use crate::publish::{Destination, Form, Parts, Published};
use crate::remote::PushRequest;
use crate::{Error, Images, Kind, Progress, journal};
use sockerless_events::Action;

/// Names that are read at a time when all tags are pushed.
const PAGE: usize = 100;

impl Images {
    /// Pushes one tag of a repository, or all of them.
    ///
    /// An image that was loaded or pulled with a manifest or index keeps it, and so its digest; one
    /// from a docker archive is pushed with gzip layers, as Docker does.
    ///
    /// # Errors
    /// [`Kind::InvalidParameter`] for an invalid name; after the first event [`Kind::NotFound`]
    /// when there is no such image or a layer of it is nowhere, and the registry's errors.
    pub async fn push(&self, request: PushRequest, progress: &Progress) -> Result<(), Error> {
        let invalid = |error: sockerless_reference::ReferenceError| {
            Error::new(Kind::InvalidParameter, error.to_string())
        };
        let mut name = Reference::parse(&request.name).map_err(invalid)?;
        if name.digest().is_some() {
            return Err(Error::new(
                Kind::InvalidParameter,
                "cannot push a digest reference",
            ));
        }
        if !request.tag.is_empty() {
            name = name.with_tag(&request.tag).map_err(invalid)?;
        }
        let repository = name.clone().without_tag();
        progress
            .tell(Update::PushBegins {
                repository: repository.clone(),
            })
            .await;
        let auth = request.auth.as_deref();
        let to = self.client_repository(&self.registries, &name, auth)?;
        let to = Destination {
            repository: to.telling(progress.retries(name.repository())),
            name: name.repository().to_owned(),
            form: Form::Keep,
        };
        if name.tag().is_some() {
            return self
                .push_one(&name, &to, request.platform.as_ref(), progress)
                .await;
        }
        let mut after: Option<String> = None;
        let mut any = false;
        loop {
            let page = self
                .state
                .names_of(name.repository(), after.as_deref(), PAGE)
                .await?;
            let Some((last, _)) = page.last() else { break };
            after = last.tag().map(str::to_owned);
            for (name, _) in &page {
                any = true;
                self.push_one(name, &to, request.platform.as_ref(), progress)
                    .await?;
            }
        }
        if any {
            return Ok(());
        }
        Err(no_image(&repository))
    }

    async fn push_one(
        &self,
        name: &Reference,
        to: &Destination,
        wanted: Option<&Platform>,
        progress: &Progress,
    ) -> Result<(), Error> {
        let pushed = self.try_push_one(name, to, wanted, progress).await;
        pushed.map_err(Error::in_its_words)
    }

    async fn try_push_one(
        &self,
        name: &Reference,
        to: &Destination,
        wanted: Option<&Platform>,
        progress: &Progress,
    ) -> Result<(), Error> {
        let begun = Instant::now();
        let found = self
            .state
            .find(&Query::Name {
                reference: name.clone(),
                prefix: None,
            })
            .await?;
        let Some(Found { image, config, .. }) = found else {
            let others = self.state.names_of(name.repository(), None, 1).await?;
            return Err(match others.is_empty() {
                true => no_image(name),
                false => {
                    let message = format!("tag does not exist: {}", name.familiar());
                    Error::new(Kind::NotFound, message)
                }
            });
        };
        let layers = image.variants.iter().flat_map(|variant| &variant.layers);
        let blobs = image.blobs.iter().copied();
        let _pinned = self
            .retention
            .pin(layers.map(|layer| layer.digest).chain(blobs))
            .await;
        let parts = self.parts(&image, &to.repository).await?;
        let mut instead_of = None;
        let published = match (wanted, self.complete(&image, &parts)) {
            (None, Some(tree)) => self.push_tree(&image, tree, &parts, to, progress).await?,
            _ => {
                let variant = match wanted {
                    None => image.variants.first(),
                    Some(wanted) => {
                        best(&image.variants, wanted).and_then(|at| image.variants.get(at))
                    }
                };
                let variant = variant.ok_or_else(|| {
                    let message = format!(
                        "{} has no image for the specified platform",
                        name.familiar()
                    );
                    Error::new(Kind::NotFound, message)
                })?;
                let form = match image.origin {
                    Origin::Original => Form::Keep,
                    Origin::Generated => Form::Gzip,
                };
                instead_of = (variant.manifest != image.target).then_some(image.target);
                let to = Destination { form, ..to.clone() };
                self.publish(variant, &parts, &to, progress).await?
            }
        };
        let tag = name.tag().unwrap_or("latest");
        self.put(
            &to.repository,
            &published.manifest,
            &published.media_type,
            Some(tag),
        )
        .await?;
        let digest = published.manifest.digest;
        let pullable = name.clone().without_tag().with_digest(digest);
        self.state
            .record_push(image.target, &[pullable], &[])
            .await?;
        let telling = self.publish_image(ImageEvent {
            action: Action::Push,
            id: name.familiar().to_owned(),
            name: name.familiar_repository().to_owned(),
            labels: self.labels_of(&config).await,
        });
        telling.done().await;
        tracing::info!(
            image = name.familiar(),
            %digest,
            layer_bytes = journal::bytes(image.variants.iter().flat_map(|v| &v.layers)),
            milliseconds = journal::since(begun),
            "image pushed"
        );
        progress
            .tell(Update::Pushed {
                tag: tag.to_owned(),
                digest,
                size: published.manifest.bytes.len() as u64,
                instead_of,
            })
            .await;
        Ok(())
    }

    /// The documents of an index in the order in which a registry accepts them, when all of them
    /// are here; `None` for an image of one manifest or an index of which something is missing.
    fn complete(&self, image: &Image, parts: &Parts) -> Option<Vec<(Descriptor, Document)>> {
        let target = parts.document(image.target).ok()?;
        let mut order = Vec::new();
        let mut seen = HashSet::from([target.digest]);
        let Ok(Meaning::Index(children)) = read_manifest("", &target) else {
            return None;
        };
        let mut waiting = children;
        while let Some(descriptor) = waiting.pop() {
            if !seen.insert(descriptor.digest) {
                continue;
            }
            let document = parts.document(descriptor.digest).ok()?;
            let is_variant = image.variants.iter().any(|v| v.manifest == document.digest);
            match read_manifest("", &document).ok()? {
                Meaning::Index(children) => waiting.extend(children),
                Meaning::Image { .. } if !is_variant => return None,
                Meaning::Image { .. } | Meaning::Attachment { .. } => {}
                Meaning::Unknown { .. } => return None,
            }
            order.push((descriptor, document));
        }
        // Children before the indexes that name them.
        order.reverse();
        Some(order)
    }

    /// Pushes an index with everything in it.
    async fn push_tree(
        &self,
        image: &Image,
        tree: Vec<(Descriptor, Document)>,
        parts: &Parts,
        to: &Destination,
        progress: &Progress,
    ) -> Result<Published, Error> {
        for (descriptor, document) in tree {
            if let Some(variant) = image
                .variants
                .iter()
                .find(|v| v.manifest == document.digest)
            {
                self.publish(variant, parts, to, progress).await?;
                continue;
            }
            if let Meaning::Attachment { parts: blobs, .. } = read_manifest("", &document)? {
                for blob in blobs {
                    self.push_part(&blob, parts, to).await?;
                }
            }
            self.put(&to.repository, &document, &descriptor.media_type, None)
                .await?;
        }
        let manifest = parts.document(image.target)?;
        let media_type = image.media_type.clone();
        self.put(&to.repository, &manifest, &media_type, None)
            .await?;
        Ok(Published {
            manifest,
            media_type,
        })
    }

    /// Pushes a blob of something that is not an image.
    async fn push_part(
        &self,
        blob: &Descriptor,
        parts: &Parts,
        to: &Destination,
    ) -> Result<(), Error> {
        let source = match parts.documents.get(&blob.digest) {
            Some(bytes) => Source::bytes(bytes.clone()),
            None => match self
                .source_near(blob.digest, blob.size, Some(&to.repository))
                .await?
            {
                Some(source) => self.sound(source, blob.digest, blob.size).await?.as_it_is(),
                None => {
                    let message = format!("blob {} is nowhere", blob.digest);
                    return Err(Error::new(Kind::NotFound, message));
                }
            },
        };
        let pushed = to
            .repository
            .push_blob(&blob.digest, blob.size, &source, &Told::none())
            .await;
        pushed.map(|_| ()).map_err(Error::registry)
    }
}

/// Docker's message for a repository without an image here.
fn no_image(name: &Reference) -> Error {
    let message = format!(
        "An image does not exist locally with the tag: {}",
        name.familiar_repository()
    );
    Error::new(Kind::NotFound, message)
}
