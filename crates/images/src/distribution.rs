//! What a registry has under a name, read without pulling it: digest, media type and platforms.

use sockerless_archive::{Descriptor, Document, Meaning, read_manifest};
use sockerless_oci::Platform;
use sockerless_reference::{Digest, Reference};
use sockerless_registry::{ErrorKind, Repository, TagOrDigest};

use crate::remote::Distribution;
use crate::{Error, Images, Kind};

/// Entries of an index whose configs are fetched for their platforms.
const ASKED: usize = 8;

impl Images {
    /// What a registry has under `name`, without pulling it.
    ///
    /// # Errors
    /// [`Kind::InvalidParameter`] for an invalid name, [`Kind::NotFound`] when the registry has no
    /// such image, and other errors of the registry.
    pub async fn distribution(
        &self,
        name: &str,
        auth: Option<&str>,
    ) -> Result<Distribution, Error> {
        let name = Reference::parse(name)
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let name = name.with_default_tag();
        // A user waits for the result: no retries.
        let repository = self.client_repository(&self.registries_once, &name, auth)?;
        let asked = match (name.digest(), name.tag()) {
            (Some(digest), _) => TagOrDigest::Digest(digest),
            (None, tag) => TagOrDigest::Tag(tag.unwrap_or("latest").to_owned()),
        };
        let found = repository.get_manifest(&asked).await;
        let found = found.map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Error::new(Kind::NotFound, "manifest unknown: manifest unknown").with_source(error)
            }
            // For Docker both are a failed authentication.
            ErrorKind::Denied => {
                Error::new(Kind::Unauthorized, error.to_string()).with_source(error)
            }
            _ => Error::registry(error),
        })?;
        let size = found.bytes.len() as u64;
        let document = Document {
            digest: found.digest,
            bytes: found.bytes,
        };
        let platforms = match read_manifest(&name.to_string(), &document)? {
            Meaning::Index(children) => self.platforms_of(&repository, children).await?,
            Meaning::Image { config, .. } => {
                vec![self.config_in(&repository, &config).await?.1.platform]
            }
            Meaning::Attachment { .. } | Meaning::Unknown { .. } => Vec::new(),
        };
        let digest = document.digest;
        Ok(Distribution {
            media_type: found.media_type,
            digest,
            size,
            platforms,
        })
    }

    /// The platforms of the images of an index, in its order. Of entries without a platform, the
    /// configs of the first few are fetched.
    async fn platforms_of(
        &self,
        repository: &Repository,
        children: Vec<Descriptor>,
    ) -> Result<Vec<Platform>, Error> {
        let mut platforms = Vec::new();
        let mut asked = 0;
        for child in children {
            match child.platform {
                Some(platform) => platforms.push(platform),
                None if child.may_be_image() && !child.is_attached() && asked < ASKED => {
                    asked += 1;
                    let found = self.platform_of(repository, child.digest).await?;
                    platforms.extend(found);
                }
                None => {}
            }
        }
        Ok(platforms)
    }

    /// The platform of the image with this manifest; `None` when there is no such manifest, or when
    /// it is not an image's.
    async fn platform_of(
        &self,
        repository: &Repository,
        manifest: Digest,
    ) -> Result<Option<Platform>, Error> {
        let found = match repository
            .get_manifest(&TagOrDigest::Digest(manifest))
            .await
        {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::registry(error)),
        };
        let document = Document {
            digest: found.digest,
            bytes: found.bytes,
        };
        match read_manifest(&document.digest.to_string(), &document)? {
            Meaning::Image { config, .. } => {
                let (_, facts) = self.config_in(repository, &config).await?;
                Ok(Some(facts.platform))
            }
            _ => Ok(None),
        }
    }

    /// Fetches a small document that a repository keeps as a blob.
    pub(crate) async fn fetch_document(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
    ) -> Result<Document, Error> {
        use bytes::BytesMut;
        use futures_util::StreamExt;

        let limit = self.config.limits.document_bytes;
        if descriptor.size > limit {
            return Err(sockerless_archive::Error::Limit {
                name: "max-document-bytes",
                what: format!("bytes of config {}", descriptor.digest),
                found: descriptor.size,
                limit,
            }
            .into());
        }
        let blob = repository
            .get_blob(&descriptor.digest, descriptor.size)
            .await;
        let mut blob = blob.map_err(Error::registry)?;
        let mut bytes = BytesMut::new();
        while let Some(piece) = blob.next().await {
            bytes.extend_from_slice(&piece.map_err(Error::registry)?);
        }
        Ok(Document {
            digest: descriptor.digest,
            bytes: bytes.freeze(),
        })
    }
}
