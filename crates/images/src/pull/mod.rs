//! Pulls images: records their documents, and leaves the layers in the registry.

mod choice;

use std::collections::HashMap;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use sockerless_archive::{Artifact, Document};
use sockerless_oci::{Platform, PlatformMatcher, Time};
use sockerless_reference::{Digest, DigestError, Query, Reference};
use sockerless_registry::{ErrorKind, Fault, Repository, TagOrDigest};
use sockerless_state::{Addition, Image, Layer, Origin, Variant};

use self::choice::{Chosen, not_an_image};
use crate::events::ImageEvent;
use crate::progress::{LayerStep, Update};
use crate::remote::PullRequest;
use crate::{Error, Images, Kind, Progress, journal};
use sockerless_events::Action;

/// Tags that one pull of all tags takes.
const ALL_TAGS: usize = 10_000;

impl Images {
    /// Records an image as a registry has it: index, manifest and config, all of them verified.
    /// Layers stay in the registry until their bytes are needed.
    ///
    /// # Errors
    /// [`Kind::InvalidParameter`] for an invalid name and for what is not an image, which a pull of
    /// all tags skips; [`Kind::NotFound`] when the registry has no such image or none for the
    /// platform, and other errors of the registry. Before the first event nothing is recorded;
    /// after it, what was pulled until then stays.
    pub async fn pull(&self, request: PullRequest, progress: &Progress) -> Result<(), Error> {
        let invalid = |error: sockerless_reference::ReferenceError| {
            Error::new(Kind::InvalidParameter, error.to_string())
        };
        let name = request.from_image.trim_end_matches(':');
        let mut name = Reference::parse(name).map_err(invalid)?;
        if !request.tag.is_empty() {
            name = match request.tag.parse::<Digest>() {
                Ok(digest) => name.without_tag().with_digest(digest),
                Err(error @ DigestError::Unsupported) => return Err(invalid(error.into())),
                Err(_) => name.with_tag(&request.tag).map_err(invalid)?,
            };
        }
        if name.familiar_repository() == "scratch" {
            return Err(Error::new(Kind::Forbidden, "'scratch' is a reserved name"));
        }
        let auth = request.auth.as_deref();
        let repository = self.client_repository(&self.registries, &name, auth)?;
        let repository = repository.telling(progress.retries(name.repository()));
        let wanted = request.platform.as_ref();
        if name.tag().is_some() || name.digest().is_some() {
            let other = self.pull_one(&name, &repository, wanted, progress).await?;
            return other.map_or(Ok(()), |other| Err(not_an_image(&name, &other)));
        }
        let tags = repository
            .tags()
            .await
            .map_err(|error| refused(error, &name))?;
        if tags.len() > ALL_TAGS {
            let message = format!(
                "{} has {} tags: expected at most {ALL_TAGS} to pull at once",
                name.familiar(),
                tags.len()
            );
            return Err(Error::new(Kind::InvalidParameter, message));
        }
        let (mut any, mut reason) = (false, None);
        for tag in tags {
            let name = name.clone().with_tag(&tag).map_err(invalid)?;
            match self.pull_one(&name, &repository, wanted, progress).await? {
                None => any = true,
                // Signatures and the like are tagged too.
                Some(artifact) => {
                    reason.get_or_insert_with(|| not_an_image(&name, &artifact));
                    progress.tell(Update::Skipped { name, artifact }).await;
                }
            }
        }
        match reason {
            Some(error) if !any => Err(error),
            _ => Ok(()),
        }
    }

    /// Pulls one image. Returns the artifact if it is not an image.
    async fn pull_one(
        &self,
        name: &Reference,
        repository: &Repository,
        wanted: Option<&Platform>,
        progress: &Progress,
    ) -> Result<Option<Artifact>, Error> {
        let begun = Instant::now();
        let pulling = match self.ask(name, repository, wanted).await? {
            Ok(pulling) => pulling,
            Err(artifact) => return Ok(Some(artifact)),
        };
        let (target, config) = (pulling.target.digest, pulling.variant.config);
        let layers = pulling.variant.layers.clone();
        progress
            .tell(Update::PullBegins { name: name.clone() })
            .await;
        progress.layers(&layers, &LayerStep::PullingFsLayer).await;
        let repo_digest = name.clone().without_tag().with_digest(target);
        let newer = self.is_news(name, config, &repo_digest).await?;
        let event = ImageEvent {
            action: Action::Pull,
            id: name.familiar().to_owned(),
            name: name.familiar_repository().to_owned(),
            labels: self.labels_of(&pulling.config).await,
        };
        self.state.add(pulling.addition(name, repo_digest)).await?;
        self.publish_image(event).done().await;
        tracing::info!(
            image = name.familiar(),
            digest = %target,
            newer,
            layers = layers.len(),
            layer_bytes = journal::bytes(&layers),
            milliseconds = journal::since(begun),
            "image pulled"
        );
        let step = match newer {
            true => LayerStep::PullComplete,
            false => LayerStep::AlreadyExists,
        };
        progress.layers(&layers, &step).await;
        let pulled = Update::Pulled {
            name: name.clone(),
            digest: target,
            newer,
        };
        progress.tell(pulled).await;
        Ok(None)
    }

    /// Asks the registry for the manifest that `name` means, and for what it leads to. An artifact
    /// that is not an image is the inner error.
    async fn ask(
        &self,
        name: &Reference,
        repository: &Repository,
        wanted: Option<&Platform>,
    ) -> Result<Result<Pulling, Artifact>, Error> {
        let asked = match (name.digest(), name.tag()) {
            (Some(digest), _) => TagOrDigest::Digest(digest),
            (None, tag) => TagOrDigest::Tag(tag.unwrap_or("latest").to_owned()),
        };
        let found = repository
            .get_manifest(&asked)
            .await
            .map_err(|e| refused(e, name))?;
        let target = Document {
            digest: found.digest,
            bytes: found.bytes,
        };
        let platform = wanted.unwrap_or(&self.config.platform);
        let media_type = &found.media_type;
        let chosen = self.choose(repository, name, target.clone(), media_type, platform);
        let chosen = match chosen.await? {
            Ok(chosen) => chosen,
            Err(artifact) => return Ok(Err(artifact)),
        };
        let known = self.content_sizes(&chosen.facts.diff_ids).await?;
        let variant = variant(name, wanted, &known, &chosen)?;
        let config = chosen.config.bytes.clone();
        let mut documents = chosen.indexes;
        documents.extend([chosen.manifest, chosen.config].map(|part| (part.digest, part.bytes)));
        Ok(Ok(Pulling {
            target,
            media_type: found.media_type,
            variant,
            config,
            documents,
        }))
    }

    /// Whether `name` did not mean this config, or not by this digest.
    async fn is_news(
        &self,
        name: &Reference,
        config: Digest,
        repo_digest: &Reference,
    ) -> Result<bool, Error> {
        let query = Query::Name {
            reference: name.clone(),
            prefix: None,
        };
        let before = self.state.find(&query).await?;
        Ok(before.is_none_or(|found| {
            found.image.id != config || !found.repo_digests.contains(repo_digest)
        }))
    }
}

/// An image that a registry has, with all documents of it.
struct Pulling {
    /// The manifest or index that was asked for.
    target: Document,
    media_type: String,
    variant: Variant,
    /// The bytes of the variant's config.
    config: Bytes,
    documents: Vec<(Digest, Bytes)>,
}

impl Pulling {
    /// What is recorded of it.
    fn addition(self, name: &Reference, repo_digest: Reference) -> Addition {
        let Self {
            target,
            media_type,
            variant,
            config: _,
            documents,
        } = self;
        let known = [target.digest, variant.manifest, variant.config];
        let extra = documents.iter().map(|(digest, _)| *digest);
        let extra = extra.filter(|digest| !known.contains(digest));
        let at = |layer: &Layer| (layer.digest, name.repository().to_owned());
        let tagged = name.tag().filter(|_| name.digest().is_none());
        Addition {
            names: tagged
                .map(|_| (name.clone(), target.digest))
                .into_iter()
                .collect(),
            repo_digests: vec![(repo_digest, target.digest)],
            locations: variant.layers.iter().map(at).collect(),
            images: vec![Image {
                target: target.digest,
                media_type,
                size: target.bytes.len() as u64,
                id: variant.config,
                origin: Origin::Original,
                documents: extra.collect(),
                variants: vec![variant],
                blobs: Vec::new(),
                loaded_at: Timestamp::now(),
            }],
            documents,
            ..Addition::default()
        }
    }
}

/// The record of the image that was chosen.
fn variant(
    name: &Reference,
    wanted: Option<&Platform>,
    known: &HashMap<Digest, u64>,
    chosen: &Chosen,
) -> Result<Variant, Error> {
    let Chosen { facts, layers, .. } = chosen;
    if facts.diff_ids.len() != layers.len() {
        return Err(sockerless_archive::Error::LayerCount {
            config: chosen.config.digest,
            manifest: chosen.manifest.digest.to_string(),
            expected: facts.diff_ids.len(),
            found: layers.len(),
        }
        .into());
    }
    if let Some(wanted) = wanted.filter(|_| chosen.indexes.is_empty())
        && !PlatformMatcher::new(wanted).matches_config(&facts.platform)
    {
        let message = format!(
            "image with reference {} was found but does not match the specified platform: \
             wanted {wanted}, actual: {}",
            name.familiar(),
            facts.platform
        );
        return Err(Error::new(Kind::NotFound, message));
    }
    let layers = facts.diff_ids.iter().zip(layers);
    let layers = layers.map(|(diff_id, layer)| Layer {
        diff_id: *diff_id,
        digest: layer.digest,
        size: layer.size,
        media_type: layer.media_type.clone(),
        urls: layer.urls.clone(),
        content_size: known.get(diff_id).copied(),
    });
    let platform = chosen.platform.as_ref().unwrap_or(&facts.platform);
    Ok(Variant {
        platform: platform.clone(),
        manifest: chosen.manifest.digest,
        config: chosen.config.digest,
        layers: layers.collect(),
        created: facts.created.map(Time::timestamp),
    })
}

/// A registry's refusal with the message that Docker's clients expect.
fn refused(error: sockerless_registry::Error, name: &Reference) -> Error {
    let familiar = name.familiar();
    match error.kind() {
        ErrorKind::NotFound if error.code() != Some("NAME_UNKNOWN") => {
            let message =
                format!("manifest for {familiar} not found: manifest unknown: manifest unknown");
            Error::new(Kind::NotFound, message).with_source(error)
        }
        // Registries do not reveal which repositories exist without credentials.
        ErrorKind::NotFound | ErrorKind::Denied => access_denied(error, name),
        ErrorKind::Unauthorized if matches!(error.fault(), Fault::NoBasicCredentials { .. }) => {
            access_denied(error, name)
        }
        _ => not_a_challenge(Error::registry(error)),
    }
}

/// On an unauthorized pull, the docker CLI asks for a password on its standard input, where a
/// script may have its next lines. Docker never returns that status for a pull.
fn not_a_challenge(error: Error) -> Error {
    match error.kind() {
        Kind::Unauthorized => error.with_kind(Kind::Forbidden),
        _ => error,
    }
}

fn access_denied(error: sockerless_registry::Error, name: &Reference) -> Error {
    let message = format!(
        "pull access denied for {}, repository does not exist or may require 'docker login': {}",
        name.familiar_repository(),
        error.fault()
    );
    Error::new(Kind::NotFound, message).with_source(error)
}
