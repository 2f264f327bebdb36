//! The contract of a store of blob sources.

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use sockerless_reference::Digest;

use crate::{Blob, Encoding, Error, Forgotten, Staged};

/// Where the bytes of blobs are: which verified blob has which content, which repositories have a
/// blob, the compressed forms of layers, and the staged forms of images.
///
/// The guarantees of every method are described at [`StateStore`](crate::StateStore).
#[async_trait]
pub trait BlobSources: Debug + Send + Sync + 'static {
    /// The verified blobs that have one of these digests of the uncompressed tar, in the order of
    /// `diff_ids`; there may be several for one, compressed in different ways.
    async fn blobs_with_diff_ids(&self, diff_ids: &[Digest]) -> Result<Vec<Blob>, Error>;

    /// Those of `digests` that an image refers to as a layer or another blob, in the given
    /// order.
    async fn referenced(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error>;

    /// The canonical repositories from which these blobs can be fetched, in the order of
    /// `digests`, the newest location of a blob first.
    async fn locations(&self, digests: &[Digest]) -> Result<Vec<(Digest, String)>, Error>;

    /// Records the compressed forms of layers and the locations of blobs with the current time,
    /// whether an image has them or not. The newest encoding of a tar in one format replaces the
    /// previous one; a location becomes the newest of its blob.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for a repository that is not canonical; nothing is recorded then.
    async fn remember(
        &self,
        encodings: &[Encoding],
        locations: &[(Digest, String)],
    ) -> Result<(), Error>;

    /// Of the encodings and locations that were last recorded before `before`, removes those that
    /// no image needs, and records the others with the current time. It reads the oldest ones, up
    /// to `limit` of each.
    ///
    /// An encoding is needed when an image has the blob, or one of the same tar. A location is
    /// needed when an image has the blob, or when there is an encoding with it as its result.
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<Forgotten, Error>;

    /// The forms of the tars with these digests compressed with `encoding`, in the order of
    /// `diff_ids`; none for those without a known form.
    async fn encodings(&self, diff_ids: &[Digest], encoding: &str) -> Result<Vec<Encoding>, Error>;

    /// The staged forms of the image in a canonical repository, in the order of its variants; only
    /// those that are known.
    async fn staged(&self, target: Digest, repository: &str) -> Result<Vec<Staged>, Error>;
}
