//! Images, their variants and layers, and what is added to a store or found in it.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sockerless_oci::Platform;
use sockerless_reference::{Digest, Reference};

use crate::{ListPosition, Staged};

/// A manifest or an index, with everything that identifies an image.
///
/// Two archives of one image may have two manifests (gzip and zstd layers, say). They are two
/// `Image`s with different [`target`](Self::target)s and one [`id`](Self::id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Digest of the manifest, or of the index of a multi-platform image. The key.
    pub target: Digest,
    /// Media type of the target.
    pub media_type: String,
    /// Bytes of the target.
    pub size: u64,
    /// The image ID as Docker shows it: digest of the first variant's config.
    pub id: Digest,
    /// Where the target comes from.
    pub origin: Origin,
    /// The platforms of the image, the default one first. Never empty.
    pub variants: Vec<Variant>,
    /// Documents to keep besides those of the variants (an index, its attestation manifests).
    pub documents: Vec<Digest>,
    /// Blobs to keep besides the layers of the variants (an attestation too large for a document).
    pub blobs: Vec<Digest>,
    /// When the image was added.
    pub loaded_at: Timestamp,
}

/// The origin of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Made here, because the archive had none (a docker archive).
    Generated,
    /// As the archive or the registry gave it, byte for byte.
    Original,
}

/// One platform's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its platform.
    pub platform: Platform,
    /// Digest of its manifest; that of the image when there is no index.
    pub manifest: Digest,
    /// Digest of its config.
    pub config: Digest,
    /// Its layers, base first: one for each `diff_id` of the config.
    pub layers: Vec<Layer>,
    /// When it was made, if its config says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
}

/// One layer of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Digest of the blob as it is stored (compressed or not).
    pub digest: Digest,
    /// Bytes of that blob.
    pub size: u64,
    /// Media type of that blob.
    pub media_type: String,
    /// Where the blob may be fetched instead (foreign layers). Such a blob need not be here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Bytes of the files in it, if that was known when the image was added. The size stays known
    /// when the image that it is known from is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_size: Option<u64>,
}

/// A layer blob whose bytes were read and verified here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Digest of the blob.
    pub digest: Digest,
    /// Bytes of the blob.
    pub size: u64,
    /// Its declared media type, or that of its compression.
    pub media_type: String,
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Bytes of the uncompressed tar.
    pub tar_size: u64,
    /// Bytes of the files in it, headers and padding not counted: what Docker calls a layer's size.
    pub content_size: u64,
}

/// Everything that one load adds, in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Addition {
    /// The images, in the archive's order.
    pub images: Vec<Image>,
    /// Bytes of every config, manifest and index that the images and `staged` refer to.
    pub documents: Vec<(Digest, Bytes)>,
    /// The verified layer blobs.
    pub blobs: Vec<Blob>,
    /// Names in the archive's order, each with its new target.
    pub names: Vec<(Reference, Digest)>,
    /// Set when the names count as given by a user: it becomes the time when their images were last
    /// tagged, unless they were tagged later already.
    pub tagged_at: Option<Timestamp>,
    /// References with a digest and without a tag, each with the target of the image that can be
    /// pulled under it. The digest need not be the target's: a staged form has its own.
    pub repo_digests: Vec<(Reference, Digest)>,
    /// Blobs, each with a canonical repository (`docker.io/library/alpine`) that has it.
    pub locations: Vec<(Digest, String)>,
    /// The forms of images in a staging repository.
    pub staged: Vec<Staged>,
}

/// What an [`Addition`] has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// Targets that were not here before. Without images that only got more variants.
    pub new_images: Vec<Digest>,
    /// Names that pointed to an image with another ID, with that ID.
    pub moved: Vec<(Reference, Digest)>,
    /// Blobs that were not recorded before.
    pub new_blobs: Vec<Digest>,
}

/// An image with its names and other data of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The image. Of several with one ID: an original before a generated one, then the newest.
    pub image: Image,
    /// Index into [`Image::variants`] of the variant whose digest was looked up; otherwise 0.
    pub variant: usize,
    /// Bytes of that variant's config.
    pub config: Bytes,
    /// Every name whose image has this ID, sorted.
    pub names: Vec<Reference>,
    /// Every repository and digest under which an image with this ID can be pulled, sorted.
    pub repo_digests: Vec<Reference>,
    /// When one of the images with this ID was last tagged (a load does not count).
    pub last_tagged_at: Option<Timestamp>,
    /// Bytes of the files in that variant's layers, what Docker calls the size of an image. `None`
    /// when that of one layer is not known, because it was never read here (a pulled image). A
    /// foreign layer that is not here counts as 0.
    pub content_size: Option<u64>,
}

impl Image {
    /// Its place in a list.
    pub fn place(&self) -> ListPosition {
        let created = self.variants.first().and_then(|variant| variant.created);
        ListPosition::new(created, self.id)
    }

    /// Every document that the image needs to be complete; some may occur twice.
    pub(crate) fn needed_documents(&self) -> impl Iterator<Item = Digest> {
        let of_variants = self
            .variants
            .iter()
            .flat_map(|variant| [variant.manifest, variant.config]);
        [self.target]
            .into_iter()
            .chain(of_variants)
            .chain(self.documents.iter().copied())
    }
}

impl Layer {
    /// Bytes of the files in it; `known` is the size from a blob of the same tar that was read
    /// here.
    pub fn content_size_or(&self, known: Option<u64>) -> Option<u64> {
        let foreign = (!self.urls.is_empty()).then_some(0);
        self.content_size.or(known).or(foreign)
    }
}

/// The sum of the content sizes of layers; `known` are the sizes from blobs of the same tars.
pub(crate) fn content_size(
    layers: &[Layer],
    known: impl IntoIterator<Item = Option<u64>>,
) -> Option<u64> {
    let sizes = layers.iter().zip(known);
    let mut sizes = sizes.map(|(layer, known)| layer.content_size_or(known));
    sizes.try_fold(0_u64, |sum, size| Some(sum.saturating_add(size?)))
}

/// Numbers of objects in a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Image IDs.
    pub images: u64,
    /// Names.
    pub names: u64,
    /// Containers.
    pub containers: u64,
}
