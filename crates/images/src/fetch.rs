//! Fetching blobs from registries.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use sockerless_content::BlobWriter;
use sockerless_reference::Digest;
use sockerless_registry::ByteStream;

use crate::layer_source::LayerSource;
use crate::{Error, Images};

/// A blob that is being fetched from a registry and kept. It becomes visible after its last byte;
/// dropping this removes what was written.
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

    /// Makes it visible, if its digest and size are right.
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
    /// Fetches a blob into the content store. The caller must have pinned it.
    ///
    /// # Errors
    /// The registry's error, or bytes that do not match the digest; nothing of them is kept.
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
    /// repository can give back is kept while it passes, for the next use.
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
                // Keeping it only saves time later: a full disk must not break the stream.
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

    /// Whether a fetched blob is kept: if it comes from the staging repository, and so may be
    /// evicted later, and fits into the cache.
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
