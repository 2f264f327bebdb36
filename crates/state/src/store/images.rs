//! The contract of a store of images.

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use crate::{Added, Addition, Counts, Error, Found, ListPosition, Removal, Removed};

/// The records of images, their names and their documents.
///
/// The guarantees of every method are described at [`StateStore`](crate::StateStore).
#[async_trait]
pub trait ImageStore: Debug + Send + Sync + 'static {
    /// Adds images, their documents and blobs, and points names to them.
    ///
    /// Existing records stay unchanged: adding the same again changes nothing. A name that pointed
    /// elsewhere moves; the image it pointed to stays. A repeated name points to the target of its
    /// last occurrence. [`Found::last_tagged_at`] changes only where [`Addition::tagged_at`] says
    /// so.
    ///
    /// An image whose target exists already, but with a variant, document or blob that is new to
    /// it, gets these in addition: for example an index of which another archive has more
    /// platforms. With a new variant its variants and its ID follow the order of the newer image,
    /// and those that only the older one has come last.
    ///
    /// A repository digest of another image moves. A blob's location becomes the newest of that
    /// blob. A new staged form of a variant replaces the one in the same repository, whose manifest
    /// stays a document of the image.
    ///
    /// # Errors
    /// Nothing is added after any of these. [`Error::Incomplete`] when anything refers to a target,
    /// a variant or a document that is neither in the addition nor in the store (blobs need not be
    /// there). [`Error::Unstorable`] for a name without a tag or with a digest, for a repository
    /// digest with a tag or without a digest, for a repository that is not canonical, for an image
    /// without a variant, and for one whose ID is not the config of its first variant.
    async fn add(&self, addition: Addition) -> Result<Added, Error>;

    /// The image that a query means.
    ///
    /// A full digest finds the image that has it as config, manifest or index. Of several the one
    /// whose target it is comes first, then those whose ID it is, then those that have it in
    /// another variant; among these an original before a generated one, then the newest.
    ///
    /// A name finds its own target, even when a better one has the same ID. It takes precedence
    /// over an ID of which it could be a prefix. With a digest its tag is ignored: it finds the
    /// image that can be pulled under this repository and digest, otherwise the digest must be that
    /// of a manifest or index, and the image's ID must have a name in this repository. Without tag
    /// and digest it finds nothing.
    ///
    /// A prefix is compared with the configs of all variants.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when a prefix matches several IDs.
    async fn find(&self, query: &Query) -> Result<Option<Found>, Error>;

    /// Points `name` to the target that `source` finds, and returns the ID of that image, or `None`
    /// when it finds nothing. The name moves if it pointed elsewhere. `at` becomes the time when
    /// the image was last tagged, unless it was tagged later already.
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

    /// The next places, in order, one for each ID, after `after`; at most `limit`. An empty page is
    /// the end.
    async fn places(
        &self,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<Vec<ListPosition>, Error>;

    /// The images with these IDs, in the order of `ids`, without unknown ones. Only the first of
    /// them when their configs are large, but at least one if there is any.
    async fn with_ids(&self, ids: &[Digest]) -> Result<Vec<Found>, Error>;

    /// The places, in order, of the images that have a name or repository digest in a repository
    /// that begins with one of these texts. `None` when more than `limit` names and repository
    /// digests would have to be read.
    async fn places_in(
        &self,
        beginnings: &[String],
        limit: usize,
    ) -> Result<Option<Vec<ListPosition>>, Error>;

    /// The next tags of a canonical repository in the order of their bytes, each with its target,
    /// after `after_tag`; at most `limit`. An empty page is the end.
    async fn names_of(
        &self,
        repository: &str,
        after_tag: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Reference, Digest)>, Error>;

    /// The bytes of a config, manifest or index.
    async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error>;

    /// Records after a push that the image with this target can be pulled under `repo_digests`, and
    /// where its blobs are. Returns `false` and records nothing when there is no such image.
    ///
    /// # Errors
    /// [`Error::Unstorable`] as for [`add`](Self::add); nothing is recorded then.
    async fn record_push(
        &self,
        target: Digest,
        repo_digests: &[Reference],
        locations: &[(Digest, String)],
    ) -> Result<bool, Error>;

    /// Removes names and repository digests and, if requested, the images themselves with every
    /// document that no other image needs. Encodings and locations stay until they are
    /// [forgotten](crate::BlobSources::forget): they describe what registries have.
    ///
    /// This is done only if the removal matches the state: the names and repository digests exist
    /// and are of images with this ID; if the images are removed, they have no others, and no
    /// [container uses](crate::ContainerStore::users) one of their targets unless that is allowed.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for a name or repository digest that cannot be stored, as for
    /// [`add`](Self::add).
    async fn remove(&self, removal: &Removal) -> Result<Removed, Error>;

    /// Removes those variants of the image with this target that have one of these manifests, with
    /// their staged forms, the repository digests of all these manifests, and the documents and
    /// blobs that nothing else needs. The image's other documents stay. The first of the other
    /// variants becomes the default one, and its config the image's ID.
    ///
    /// [`Removed::Changed`] when there is no such image, one of the manifests is not a variant of
    /// it, none would be left, or a container [uses](crate::ContainerStore::users) one of them.
    async fn remove_variants(&self, target: Digest, manifests: &[Digest])
    -> Result<Removed, Error>;

    /// How many images, names and containers there are. This goes through all names.
    async fn counts(&self) -> Result<Counts, Error>;

    /// How many images and containers there are, without reading the names, of which there may be a
    /// hundred times as many.
    async fn images_and_containers(&self) -> Result<(u64, u64), Error>;
}
