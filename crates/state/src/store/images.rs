//! What a store of images promises.

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use crate::{Added, Addition, Counts, Error, Found, Place, Removal, Removed};

/// Which images there are, what they are called, and the documents they consist of.
///
/// What every method promises is said at [`StateStore`](crate::StateStore).
#[async_trait]
pub trait ImageStore: Debug + Send + Sync + 'static {
    /// Adds images, their documents and blobs, and points names to them.
    ///
    /// What is here already stays as it is: adding the same again changes nothing. A name that
    /// pointed elsewhere moves; the image it pointed to stays. A name in the list twice points
    /// where its last occurrence says. [`Found::last_tagged_at`] changes only where
    /// [`Addition::tagged_at`] says so.
    ///
    /// An image whose target is here already, but with a variant, document or blob that is new to
    /// it, gets these in addition: an index of which another archive brings more platforms. With a
    /// new variant its variants and its ID are in the order of the newer image, and those that
    /// only the older one has come last.
    ///
    /// A repository and digest that could be pulled as another image move. A blob's location
    /// becomes the newest of that blob. Of two staged forms of a variant in one repository the
    /// last stays; the manifest of the other stays a document of the image.
    ///
    /// # Errors
    /// Nothing is added after any of these. [`Error::Incomplete`] when anything refers to a
    /// target, a variant or a document that is neither in the addition nor here (blobs need not
    /// be here). [`Error::Unstorable`] for a name without a tag or with a digest, for a repository
    /// digest with a tag or without a digest, for a repository that is not canonical, for an image
    /// without a variant, and for one whose ID is not the config of its first variant.
    async fn add(&self, addition: Addition) -> Result<Added, Error>;

    /// The image that a client's words mean.
    ///
    /// A full digest finds the image that has it as config, manifest or index. Of several the one
    /// whose target it is comes first, then those whose ID it is, then those that have it in
    /// another variant; among these an original before a generated one, then the newest.
    ///
    /// A name finds its own target, even when a better one has the same ID. It wins over an ID that
    /// it could be the beginning of. With a digest its tag means nothing: it finds the image that
    /// can be pulled under this repository and digest, or else the digest has to be of a manifest
    /// or index, and the image's ID has to have a name in this repository. Without tag and digest
    /// it finds nothing.
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

    /// The next places, in order, one for each ID, after `after`; at most `limit`. None is the end.
    async fn places(&self, after: Option<Place>, limit: usize) -> Result<Vec<Place>, Error>;

    /// The images with these IDs, in the order of `ids`, without those that are not here; only the
    /// first of them where their configs are large, but never none where there is one.
    async fn with_ids(&self, ids: &[Digest]) -> Result<Vec<Found>, Error>;

    /// The places, in order, of the images that have a name or repository digest in a repository
    /// that begins with one of these texts. `None` when more than `limit` names and repository
    /// digests would have to be looked at.
    async fn places_in(
        &self,
        beginnings: &[String],
        limit: usize,
    ) -> Result<Option<Vec<Place>>, Error>;

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

    /// Records after a push that the image with this target can be pulled under `repo_digests`,
    /// and where its blobs are. False when there is no such image: then nothing is recorded.
    ///
    /// # Errors
    /// [`Error::Unstorable`] as for [`add`](Self::add); nothing is recorded then.
    async fn record(
        &self,
        target: Digest,
        repo_digests: &[Reference],
        locations: &[(Digest, String)],
    ) -> Result<bool, Error>;

    /// Takes away names and repository digests and, if that is said, the images themselves with
    /// every document that no other image needs. Encodings and locations stay until they are
    /// [forgotten](crate::BlobSources::forget): they tell what registries have.
    ///
    /// It is done only if everything is as the removal says: the names and repository digests
    /// are there and of images with this ID; where the images go, they have no others, and no
    /// [container uses](crate::ContainerStore::users) one of their targets unless that is allowed.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for a name or repository digest that could never be here, as for
    /// [`add`](Self::add).
    async fn remove(&self, removal: &Removal) -> Result<Removed, Error>;

    /// Takes away those variants of the image with this target that have one of these manifests,
    /// with their staged forms, the repository digests of all these manifests, and the documents
    /// and blobs that nothing else needs. The image's other documents stay. The first of the other
    /// variants becomes the default one, and its config the image's ID.
    ///
    /// [`Removed::Changed`] when there is no such image, one of the manifests is no variant of
    /// it, none would be left, or a container [uses](crate::ContainerStore::users) one of them.
    async fn remove_variants(&self, target: Digest, manifests: &[Digest])
    -> Result<Removed, Error>;

    /// How many images, names and containers there are. All names are passed.
    async fn counts(&self) -> Result<Counts, Error>;

    /// How many images and containers there are, without a look at the names, of which there may
    /// be a hundred times as many.
    async fn images_and_containers(&self) -> Result<(u64, u64), Error>;
}
