//! What a store of the sources of blobs promises.

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use sockerless_reference::Digest;

use crate::{Blob, Encoding, Error, Forgotten, Staged};

/// Where the bytes of blobs can be had: which verified blob has which content, which repositories
/// have a blob, what a layer became when it was compressed, and which form of an image is staged.
///
/// What every method promises is said at [`StateStore`](crate::StateStore).
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

    /// Remembers what layers became when they were compressed, and where blobs are now, whether
    /// an image has them or not, and that this was now. The newest encoding of a tar in one way replaces the one before;
    /// a location becomes the newest of its blob.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for a repository that is not canonical; nothing is remembered then.
    async fn remember(
        &self,
        encodings: &[Encoding],
        locations: &[(Digest, String)],
    ) -> Result<(), Error>;

    /// Forgets of the encodings and locations that were last remembered before `before` those that
    /// no image needs, and remembers the others now. It looks at the oldest, at `limit` of each.
    ///
    /// An encoding is needed when an image has the blob, or one of the same tar. A location is
    /// needed when an image has the blob, or there is an encoding that made it.
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<Forgotten, Error>;

    /// What the tars with these digests became when they were compressed with `encoding`, in the
    /// order of `diff_ids`; nothing for those of which it is not known.
    async fn encodings(&self, diff_ids: &[Digest], encoding: &str) -> Result<Vec<Encoding>, Error>;

    /// The forms in which the image lies in a canonical repository, in the order of its variants;
    /// only those that are known.
    async fn staged(&self, target: Digest, repository: &str) -> Result<Vec<Staged>, Error>;
}
