//! Bringing blobs here that are in a registry.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use sockerless_content::BlobWriter;
use sockerless_reference::Digest;
use sockerless_registry::ByteStream;

use crate::layer_source::LayerSource;
use crate::{Error, Images};

/// A blob that comes from a registry and is being kept. Until its last byte nobody sees it, and
/// dropping this leaves nothing.
struct Keeping {
    images: Images,
    digest: Digest,
    size: u64,
    writer: BlobWriter,
}

impl Keeping {
    fn begin(images: &Images, digest: Digest, size: u64) -> Self {
        Self {
            images: images.clone(),
            digest,
            size,
            writer: images.content.writer(Some(size)),
        }
    }

    async fn write(mut self, piece: Bytes) -> Result<Self, Error> {
        let images = self.images.clone();
        images
            .on_a_thread(move || {
                self.writer.write(piece)?;
                Ok(self)
            })
            .await?
    }

    /// Makes it visible, if it is what it should be.
    async fn end(self) -> Result<(), Error> {
        let Self {
            images,
            digest,
            size,
            writer,
        } = self;
        let staged = images.on_a_thread(move || writer.finish()).await??;
        if (staged.digest(), staged.size()) != (digest, size) {
            let message = format!(
                "blob {digest} of {size} bytes was fetched as {} bytes with {}",
                staged.size(),
                staged.digest()
            );
            return Err(Error::internal(message));
        }
        images
            .retention
            .recording()
            .await
            .commit(vec![staged])
            .await
    }
}

impl Images {
    /// Brings a blob here that is elsewhere. Whoever needs it has it pinned.
    ///
    /// # Errors
    /// What the registry said, also when it has other bytes than it should; nothing of them stays.
    pub(crate) async fn fetch(
        &self,
        digest: Digest,
        size: u64,
        source: &LayerSource,
    ) -> Result<(), Error> {
        let unreadable = |error| Error::unreadable(digest, error);
        let mut stream = source.stream().await.map_err(unreadable)?;
        let mut keeping = Keeping::begin(self, digest, size);
        while let Some(piece) = stream.next().await {
            keeping = keeping.write(piece.map_err(unreadable)?).await?;
        }
        keeping.end().await
    }

    /// The bytes of a blob that is elsewhere. Where the folder is a cache, what the staging
    /// repository can give back is kept in passing, for the next who needs it.
    pub(crate) async fn passing(
        &self,
        digest: Digest,
        size: u64,
        source: &LayerSource,
    ) -> std::io::Result<ByteStream> {
        let stream = source.stream().await?;
        if !self.caches(size, source) {
            return Ok(stream);
        }
        let keeping = Some(Keeping::begin(self, digest, size));
        Ok(Box::pin(try_unfold(
            (stream, keeping),
            move |(mut stream, keeping)| async move {
                let piece = stream.next().await.transpose()?;
                // It only saves time later: a disk that is full must not break what passes by.
                let failed = |error| {
                    tracing::warn!(%digest, %error, "a blob that was fetched is not kept");
                    None
                };
                match (piece, keeping) {
                    (Some(piece), Some(keeping)) => {
                        let kept = keeping.write(piece.clone()).await;
                        let keeping = kept.map_or_else(failed, Some);
                        Ok(Some((piece, (stream, keeping))))
                    }
                    (Some(piece), None) => Ok(Some((piece, (stream, None)))),
                    (None, keeping) => {
                        if let Some(keeping) = keeping {
                            keeping.end().await.unwrap_or_else(|error| {
                                failed(error);
                            });
                        }
                        Ok(None)
                    }
                }
            },
        )))
    }

    /// Whether a blob that is fetched is kept: if it may be evicted again, and need not be at once.
    fn caches(&self, size: u64, source: &LayerSource) -> bool {
        let fits = self.config.cache_size.is_some_and(|limit| size <= limit);
        let staging = self.config.staging.as_ref();
        fits && self.content.keeps()
            && source.remote().is_some_and(|blob| {
                let (host, path) = (blob.repository.host(), blob.repository.path());
                staging.is_some_and(|staging| {
                    staging.repository.repository() == format!("{host}/{path}")
                })
            })
    }
}
