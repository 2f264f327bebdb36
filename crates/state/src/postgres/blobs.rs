//! The rows of verified blobs.

use std::collections::{BTreeMap, HashSet};

use sockerless_reference::Digest;

use super::fault::Fault;
use super::session::{Ask, Session, ask};
use super::value::{Key, keys};
use super::{row, sql};
use crate::{Blob, Error, column};

/// Rows of new blobs.
#[derive(Default)]
pub(super) struct NewBlobs {
    /// Their digests in the order of the addition.
    pub(super) in_order: Vec<Digest>,
    digests: Vec<Key>,
    sizes: Vec<i64>,
    media_types: Vec<String>,
    diff_ids: Vec<Key>,
    tar_sizes: Vec<i64>,
    content_sizes: Vec<i64>,
}

impl NewBlobs {
    pub(super) fn of(blobs: &[Blob], here: &[Digest]) -> Result<Self, Error> {
        let mut here: HashSet<_> = here.iter().copied().collect();
        let new = blobs.iter().filter(|blob| here.insert(blob.digest));
        let new: Vec<&Blob> = new.collect();
        let mut rows = Self {
            in_order: new.iter().map(|blob| blob.digest).collect(),
            ..Self::default()
        };
        let sorted: BTreeMap<_, _> = new.into_iter().map(|blob| (blob.digest, blob)).collect();
        for blob in sorted.into_values() {
            rows.digests.push(Key(blob.digest));
            rows.sizes.push(column::size(blob.size)?);
            rows.media_types.push(blob.media_type.clone());
            rows.diff_ids.push(Key(blob.diff_id));
            rows.tar_sizes.push(column::size(blob.tar_size)?);
            rows.content_sizes.push(column::size(blob.content_size)?);
        }
        Ok(rows)
    }

    pub(super) fn add(&self) -> Ask<'_> {
        ask!(
            sql::ADD_BLOBS,
            self.digests,
            self.sizes,
            self.media_types,
            self.diff_ids,
            self.tar_sizes,
            self.content_sizes
        )
    }
}

/// The blobs that have one of these `diff_ids`, in the order of those.
pub(super) async fn with_diff_ids(
    session: &Session,
    diff_ids: &[Digest],
) -> Result<Vec<Blob>, Fault> {
    let rows = session.one(ask!(sql::BLOBS, keys(diff_ids))).await?;
    rows.iter().map(row::blob).collect()
}

/// Those of `digests` that an image refers to.
pub(super) async fn referenced(
    session: &Session,
    digests: &[Digest],
) -> Result<Vec<Digest>, Fault> {
    row::digests(&session.one(ask!(sql::REFERENCED, keys(digests))).await?)
}
