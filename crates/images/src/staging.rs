//! Pushes loaded images to the staging repository and records where they are.

use std::collections::HashSet;

use serde::Serialize;
use sockerless_archive::{Document, Meaning, read_manifest};
use sockerless_oci::{Descriptor, media_type};
use sockerless_reference::{Digest, Reference};
use sockerless_registry::{Repository, TagOrDigest};
use sockerless_state::{Addition, Image, Staged};

use crate::images::StagingConfig;
use crate::publish::{Destination, Parts, Published};
use crate::{Error, Images, Progress};

impl Images {
    /// Whether a name is in the staging repository, which is the daemon's own.
    pub(crate) fn is_staged(&self, name: &Reference) -> bool {
        let staging = self.config.staging.as_ref();
        staging.is_some_and(|staging| staging.repository.repository() == name.repository())
    }

    /// Pushes an image to the staging repository and records in `addition` where it is.
    ///
    /// When it fails, what was uploaded stays in the registry, where the next attempt finds it.
    pub(crate) async fn stage(
        &self,
        staging: &StagingConfig,
        auth: Option<&str>,
        image: &Image,
        parts: &Parts,
        addition: &mut Addition,
        progress: &Progress,
    ) -> Result<Reference, Error> {
        let name = staging.repository.repository().to_owned();
        let repository = self.staging_repository(&self.registries, staging, auth)?;
        let to = Destination {
            repository: repository.telling(progress.retries(&name)),
            name,
            form: staging.compression,
        };
        let wanted = if staging.all_platforms || staging.complete {
            image.variants.len()
        } else {
            1
        };
        let mut published = Vec::with_capacity(wanted);
        for variant in image.variants.iter().take(wanted) {
            let made = self.publish(variant, parts, &to, progress).await?;
            addition
                .documents
                .push((made.manifest.digest, made.manifest.bytes.clone()));
            addition.staged.push(Staged {
                target: image.target,
                config: variant.config,
                repository: to.name.clone(),
                manifest: made.manifest.digest,
            });
            published.push((variant, made));
        }
        let is_index = image.variants.iter().all(|v| v.manifest != image.target);
        let default = match published.as_slice() {
            [(_, first), rest @ ..] if !(staging.all_platforms && is_index) => {
                // No index names the others.
                for (_, made) in rest {
                    self.tag_by_digest(&to.repository, made).await?;
                }
                first.clone()
            }
            all => self.put_index(image, parts, all, &to.repository).await?,
        };
        self.tag_by_digest(&to.repository, &default).await?;
        if staging.complete {
            let originals = self.publish_originals(image, &published, parts, &to, progress);
            if let Some(originals) = originals.await? {
                self.tag_by_digest(&to.repository, &originals).await?;
            }
        }
        let pullable = staging
            .repository
            .clone()
            .with_digest(default.manifest.digest);
        addition.repo_digests.push((pullable.clone(), image.target));
        Ok(pullable)
    }

    /// Pushes the index of several published platforms: the image's own when it still fits.
    async fn put_index(
        &self,
        image: &Image,
        parts: &Parts,
        published: &[(&sockerless_state::Variant, Published)],
        repository: &Repository,
    ) -> Result<Published, Error> {
        let unchanged = published
            .iter()
            .filter(|(variant, made)| made.manifest.digest == variant.manifest);
        let unchanged: HashSet<Digest> = unchanged.map(|(variant, _)| variant.manifest).collect();
        let complete =
            parts
                .document(image.target)
                .ok()
                .filter(|target| match read_manifest("", target) {
                    Ok(Meaning::Index(children)) => children
                        .iter()
                        .all(|child| unchanged.contains(&child.digest)),
                    _ => false,
                });
        let index = match complete {
            Some(manifest) => Published {
                manifest,
                media_type: image.media_type.clone(),
            },
            None => Published {
                manifest: index(published)?,
                media_type: media_type::OCI_INDEX.to_owned(),
            },
        };
        self.put(repository, &index.manifest, &index.media_type, None)
            .await?;
        Ok(index)
    }

    /// Gives a manifest the tag `sha256-HEX`, so that no lifecycle rule treats it as untagged. An
    /// existing tag is left alone: some registries refuse to set a tag again, even to the same
    /// digest.
    async fn tag_by_digest(
        &self,
        repository: &Repository,
        published: &Published,
    ) -> Result<(), Error> {
        let tag = format!("sha256-{}", published.manifest.digest.hex());
        let there = repository
            .head_manifest(&TagOrDigest::Tag(tag.clone()))
            .await;
        if there.map_err(Error::registry)?.is_some() {
            return Ok(());
        }
        self.put(
            repository,
            &published.manifest,
            &published.media_type,
            Some(&tag),
        )
        .await
    }
}

/// Makes an index of published platforms. The same platforms always give the same bytes.
fn index(published: &[(&sockerless_state::Variant, Published)]) -> Result<Document, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Index {
        schema_version: u8,
        media_type: &'static str,
        manifests: Vec<Descriptor>,
    }
    let manifests = published.iter().map(|(variant, made)| {
        let Published {
            manifest,
            media_type,
        } = made;
        Descriptor {
            // Readers of an index expect Go's spelling.
            platform: Some(variant.platform.spelled()),
            ..Descriptor::new(media_type, manifest.digest, manifest.bytes.len() as u64)
        }
    });
    let manifests = manifests.collect();
    let index = Index {
        schema_version: 2,
        media_type: media_type::OCI_INDEX,
        manifests,
    };
    serde_json::to_vec(&index)
        .map(Document::new)
        .map_err(|error| Error::internal("cannot make an index").with_source(error))
}
