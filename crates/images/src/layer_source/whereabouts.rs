//! Finds where the bytes of a blob are: in the content store or in a registry.

use sockerless_reference::Digest;
use sockerless_registry::Repository;

use super::{DecodedTar, LayerSource, RemoteBlob};
use crate::encode::Encoding;
use crate::{Error, Images, Kind};

impl Images {
    /// Where the bytes of a blob are: here, or in a registry, there perhaps in another encoding.
    /// `None` when it is not known to be anywhere.
    ///
    /// To read a file here, the caller must have pinned the blob.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when a registry that may have it cannot be reached, and no other has
    /// it.
    pub(crate) async fn source_of(
        &self,
        digest: Digest,
        size: u64,
    ) -> Result<Option<LayerSource>, Error> {
        self.source_near(digest, size, None).await
    }

    /// The same, for a blob that goes to `near`.
    pub(crate) async fn source_near(
        &self,
        digest: Digest,
        size: u64,
        near: Option<&Repository>,
    ) -> Result<Option<LayerSource>, Error> {
        let found = self
            .blocking(move |content| Ok(content.read(digest).ok().map(|(_, size)| size)))
            .await?;
        let file = self.content.locate(digest).filter(|_| found.is_some());
        let file = file.map(LayerSource::File);
        if found == Some(size) {
            return Ok(file);
        }
        match self.source_elsewhere(digest, size, near).await {
            Ok(None) | Err(_) if file.is_some() => Ok(file),
            elsewhere => elsewhere,
        }
    }

    /// A source whose bytes are the blob's, if there is one: a file of the content store is read
    /// once to verify it, and a damaged one is fetched again.
    ///
    /// # Errors
    /// When the file is damaged and the blob is nowhere else.
    pub(crate) async fn sound(
        &self,
        source: LayerSource,
        digest: Digest,
        size: u64,
    ) -> Result<LayerSource, Error> {
        if !self.is_kept(&source, digest) {
            return Ok(source);
        }
        let Err(damage) = self.blocking(move |content| content.verify(digest)).await else {
            return Ok(source);
        };
        let Some(elsewhere) = self.source_elsewhere(digest, size, None).await? else {
            return Err(damage);
        };
        tracing::warn!(%digest, error = %damage, "a blob is damaged here and fetched again");
        match self.fetch(digest, size, &elsewhere).await {
            Ok(()) => Ok(source),
            Err(error) => {
                tracing::warn!(%digest, %error, "a blob that is damaged here cannot be replaced");
                Ok(elsewhere)
            }
        }
    }

    /// Whether a source is the file of the content store, and not one that is just being loaded.
    pub(crate) fn is_kept(&self, source: &LayerSource, digest: Digest) -> bool {
        match source {
            LayerSource::File(path) => self.content.locate(digest).as_ref() == Some(path),
            _ => false,
        }
    }

    /// Whether a source is known from which a blob could be restored. Sends no request.
    pub(crate) async fn may_be_elsewhere(&self, digest: Digest) -> Result<bool, Error> {
        if !self.state.locations(&[digest]).await?.is_empty() {
            return Ok(true);
        }
        for encoding in Encoding::COMPRESSED {
            if !self
                .state
                .encodings(&[digest], encoding.name())
                .await?
                .is_empty()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where the bytes of a blob are, if not here.
    pub(crate) async fn source_elsewhere(
        &self,
        digest: Digest,
        size: u64,
        near: Option<&Repository>,
    ) -> Result<Option<LayerSource>, Error> {
        if size == 0 && digest == Digest::of("") {
            return Ok(Some(LayerSource::Empty));
        }
        let as_it_is = self.in_a_registry(digest, size, near).await;
        if let Ok(Some(blob)) = as_it_is {
            return Ok(Some(LayerSource::Remote(blob)));
        }
        // If it is a tar, it can be decoded from its recorded compressed form.
        for encoding in Encoding::COMPRESSED {
            for became in self.state.encodings(&[digest], encoding.name()).await? {
                let from = self.in_a_registry(became.digest, became.size, near);
                if let Some(from) = from.await? {
                    return Ok(Some(LayerSource::Decoded(Box::new(DecodedTar {
                        from,
                        digest,
                        size,
                        limits: self.config.limits,
                    }))));
                }
            }
        }
        as_it_is.map(|_| None)
    }

    /// The first registry that confirms that it has a blob.
    async fn in_a_registry(
        &self,
        digest: Digest,
        size: u64,
        near: Option<&Repository>,
    ) -> Result<Option<RemoteBlob>, Error> {
        let mut silent = None;
        for name in self.repositories_with(digest).await? {
            let repository = self.repository_near(&name, near)?;
            match repository.head_blob(&digest).await {
                Ok(Some(_)) => {
                    return Ok(Some(RemoteBlob {
                        repository,
                        digest,
                        size,
                    }));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%digest, %error, "a registry that had a blob cannot be asked");
                    let error = Error::registry(error);
                    // A registry that refuses will refuse again; one that cannot be reached may
                    // have the blob.
                    if error.kind() == Kind::Unavailable {
                        silent = Some(error);
                    }
                }
            }
        }
        match silent {
            None => Ok(None),
            Some(error) => Err(error),
        }
    }

    /// The repositories that are known to have a blob: the staging repository first, because this
    /// daemon may read it, then the newest.
    pub(crate) async fn repositories_with(&self, digest: Digest) -> Result<Vec<String>, Error> {
        let known = self.state.locations(&[digest]).await?;
        let mut names: Vec<_> = known.into_iter().map(|(_, name)| name).collect();
        let staging = self.config.staging.as_ref();
        let staging = staging.map(|staging| staging.repository.repository());
        // A stable sort.
        names.sort_by_key(|name| Some(name.as_str()) != staging);
        Ok(names)
    }
}
