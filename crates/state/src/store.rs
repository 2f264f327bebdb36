use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use crate::{Added, Addition, Blob, Counts, Error, Found};

/// Which images there are and what they are called.
///
/// Every method is one transaction: it happens whole or not at all, and once it has returned `Ok`
/// a restart does not lose it (a store in memory: until the process ends). Methods may be called
/// from any number of tasks at once and never block the calling thread. A future that is dropped
/// leaves the transaction either done or not begun.
#[async_trait]
pub trait StateStore: Debug + Send + Sync + 'static {
    /// Adds images, their documents and blobs, and points names to them.
    ///
    /// What is here already stays as it is: adding the same again changes nothing. A name that
    /// pointed elsewhere moves; the image it pointed to stays. A name in the list twice points
    /// where its last occurrence says. [`Found::last_tagged_at`] does not change.
    ///
    /// # Errors
    /// Nothing is added after any of these. [`Error::Incomplete`] when a name or an image refers
    /// to a target or a document that is neither in the addition nor here (blobs need not be
    /// here). [`Error::Unstorable`] for a name without a tag or with a digest, for an image
    /// without a variant, and for one whose ID is not the config of its first variant.
    async fn add(&self, addition: Addition) -> Result<Added, Error>;

    /// The image that a client's words mean.
    ///
    /// A full digest finds the image that has it as config, manifest or index. Of several the one
    /// whose target it is comes first, then those whose ID it is, then those that have it in
    /// another variant; among these an original before a generated one, then the newest.
    ///
    /// A name finds its own target, even when a better one has the same ID. It wins over an ID that
    /// it could be the beginning of. With a digest its tag means nothing: the digest has to be of
    /// a manifest or index, and the image's ID has to have a name in this repository. Without tag
    /// and digest it finds nothing.
    ///
    /// A prefix is compared with the configs of all variants.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when a prefix fits several IDs.
    async fn find(&self, query: &Query) -> Result<Option<Found>, Error>;

    /// Points `name` to the target that `source` finds, and answers the ID of that image, or
    /// `None` when it finds nothing. The name moves if it pointed elsewhere. `at` becomes the time
    /// when the image was last tagged, unless it was tagged later already.
    ///
    /// # Errors
    /// As [`find`](Self::find), and [`Error::Unstorable`] for a name without a tag or with a
    /// digest.
    async fn tag(
        &self,
        source: &Query,
        name: &Reference,
        at: Timestamp,
    ) -> Result<Option<Digest>, Error>;

    /// The next images in order of ID, one [`Found`] for each ID, after `after`; at most `limit`.
    /// An empty page is the end.
    async fn page(&self, after: Option<Digest>, limit: usize) -> Result<Vec<Found>, Error>;

    /// The bytes of a config, manifest or index.
    async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error>;

    /// The verified blobs that have one of these digests of the uncompressed tar, in the order of
    /// `diff_ids`; there may be several for one, compressed in different ways.
    async fn blobs_with_diff_ids(&self, diff_ids: &[Digest]) -> Result<Vec<Blob>, Error>;

    /// Those of `digests` that an image refers to as a layer or another blob, in the given
    /// order.
    async fn referenced(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error>;

    /// How many images and names there are.
    async fn counts(&self) -> Result<Counts, Error>;
}
