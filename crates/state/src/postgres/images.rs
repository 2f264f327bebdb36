//! The rows of images, for several images at once.

use std::collections::{BTreeMap, BTreeSet};

use sockerless_reference::Digest;

use super::session::{Ask, ask};
use super::sql;
use super::value::Key;
use crate::{Error, Image, Origin, column, contents};

/// Rows of new images.
#[derive(Default)]
pub(super) struct NewImages {
    targets: Vec<Key>,
    ids: Vec<Key>,
    media_types: Vec<String>,
    sizes: Vec<i64>,
    originals: Vec<bool>,
    created: Vec<i64>,
    loaded_at: Vec<i64>,
    contents: Vec<String>,
}

impl NewImages {
    pub(super) fn push(&mut self, image: &Image) -> Result<(), Error> {
        self.targets.push(Key(image.target));
        self.ids.push(Key(image.id));
        self.media_types.push(image.media_type.clone());
        self.sizes.push(column::size(image.size)?);
        self.originals.push(image.origin == Origin::Original);
        self.created.push(image.place().seconds());
        self.loaded_at.push(column::time(image.loaded_at)?);
        self.contents.push(contents::write(image)?);
        Ok(())
    }

    /// Adds them. Their documents must exist.
    pub(super) fn add(&self) -> Ask<'_> {
        ask!(
            sql::ADD_IMAGES,
            self.targets,
            self.ids,
            self.media_types,
            self.sizes,
            self.originals,
            self.created,
            self.loaded_at,
            self.contents
        )
    }
}

/// Rows of images that exist with other variants.
#[derive(Default)]
pub(super) struct ChangedImages {
    targets: Vec<Key>,
    ids: Vec<Key>,
    created: Vec<i64>,
    contents: Vec<String>,
}

impl ChangedImages {
    pub(super) fn push(&mut self, image: &Image) -> Result<(), Error> {
        self.targets.push(Key(image.target));
        self.ids.push(Key(image.id));
        self.created.push(image.place().seconds());
        self.contents.push(contents::write(image)?);
        Ok(())
    }

    /// Replaces those with the same targets.
    pub(super) fn replace(&self) -> [Ask<'_>; 2] {
        [
            ask!(
                sql::REPLACE_IMAGES,
                self.targets,
                self.ids,
                self.created,
                self.contents
            ),
            ask!(sql::REMOVE_VARIANTS_OF, self.targets),
        ]
    }
}

/// Rows by which images are found by their digests, and which keep their documents and blobs.
#[derive(Default)]
pub(super) struct References {
    variants: Variants,
    digests: Digests,
    documents: Kept,
    blobs: Kept,
}

#[derive(Default)]
struct Variants {
    targets: Vec<Key>,
    indexes: Vec<i64>,
    configs: Vec<Key>,
    diff_ids: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Digests {
    roles: Vec<&'static str>,
    digests: Vec<Key>,
    targets: Vec<Key>,
    variants: Vec<i64>,
}

/// The documents or blobs that targets keep.
#[derive(Default)]
struct Kept {
    digests: Vec<Key>,
    targets: Vec<Key>,
}

impl References {
    /// Those of these images, and of further documents that targets keep.
    pub(super) fn of<'a>(
        images: impl IntoIterator<Item = &'a Image>,
        documents: impl IntoIterator<Item = (Digest, Digest)>,
    ) -> Self {
        let mut references = Self::default();
        let mut digests = BTreeMap::new();
        let (mut kept, mut blobs) = (BTreeSet::from_iter(documents), BTreeSet::new());
        for image in images {
            let target = image.target;
            digests.insert(("target", target, target), 0);
            for (index, variant) in (0_i64..).zip(&image.variants) {
                references.variants.push(target, index, variant);
                for (role, digest) in [("manifest", variant.manifest), ("config", variant.config)] {
                    // A digest of two variants means the first.
                    digests.entry((role, digest, target)).or_insert(index);
                }
                blobs.extend(variant.layers.iter().map(|layer| (layer.digest, target)));
            }
            blobs.extend(image.blobs.iter().map(|blob| (*blob, target)));
            kept.extend(image.needed_documents().map(|document| (document, target)));
        }
        for ((role, digest, target), variant) in digests {
            references.digests.roles.push(role);
            references.digests.digests.push(Key(digest));
            references.digests.targets.push(Key(target));
            references.digests.variants.push(variant);
        }
        references.documents = kept.into_iter().collect();
        references.blobs = blobs.into_iter().collect();
        references
    }

    /// Adds them. The images and documents must exist, and none of their variants.
    pub(super) fn add(&self) -> [Ask<'_>; 4] {
        let Self {
            variants,
            digests,
            documents,
            blobs,
        } = self;
        [
            ask!(
                sql::ADD_VARIANTS,
                variants.targets,
                variants.indexes,
                variants.configs,
                variants.diff_ids
            ),
            ask!(
                sql::SET_DIGESTS,
                digests.roles,
                digests.digests,
                digests.targets,
                digests.variants
            ),
            ask!(sql::KEEP_DOCUMENTS, documents.digests, documents.targets),
            ask!(sql::REFER_TO_BLOBS, blobs.digests, blobs.targets),
        ]
    }
}

impl Variants {
    fn push(&mut self, target: Digest, index: i64, variant: &crate::Variant) {
        let diff_ids = variant.layers.iter();
        let diff_ids = diff_ids.flat_map(|layer| *layer.diff_id.as_bytes());
        self.targets.push(Key(target));
        self.indexes.push(index);
        self.configs.push(Key(variant.config));
        self.diff_ids.push(diff_ids.collect());
    }
}

impl FromIterator<(Digest, Digest)> for Kept {
    fn from_iter<I: IntoIterator<Item = (Digest, Digest)>>(pairs: I) -> Self {
        let keys = pairs
            .into_iter()
            .map(|(digest, target)| (Key(digest), Key(target)));
        let (digests, targets) = keys.unzip();
        Self { digests, targets }
    }
}
