use sockerless_archive::{Document, Meaning, read_config, read_manifest};
use sockerless_reference::Reference;
use sockerless_registry::{ErrorKind, Repository, TagOrDigest};

use crate::remote::Distribution;
use crate::{Engine, Error, Kind};

impl Engine {
    /// What a registry has under `name`, without pulling it.
    ///
    /// # Errors
    /// [`Kind::InvalidParameter`] for an invalid name, [`Kind::NotFound`] when the registry has
    /// no such image, and what else the registry said.
    pub async fn distribution(
        &self,
        name: &str,
        auth: Option<&str>,
    ) -> Result<Distribution, Error> {
        let name = Reference::parse(name)
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let name = name.with_default_tag();
        // Somebody waits for it: it is asked once.
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
            Meaning::Index(children) => {
                let platforms = children.into_iter().filter_map(|child| child.platform);
                platforms.collect()
            }
            Meaning::Image { config, .. } => {
                let config = self.fetch_document(&repository, &config).await?;
                let facts = read_config(&config.digest.to_string(), &config)?;
                vec![facts.platform]
            }
            Meaning::Attachment { .. } | Meaning::Unknown => Vec::new(),
        };
        let digest = document.digest;
        Ok(Distribution {
            media_type: found.media_type,
            digest,
            size,
            platforms,
        })
    }

    /// Fetches a small document that a repository keeps as a blob.
    pub(crate) async fn fetch_document(
        &self,
        repository: &Repository,
        descriptor: &sockerless_archive::Descriptor,
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
