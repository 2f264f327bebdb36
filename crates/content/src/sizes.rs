//! An index of large blobs by size, to find one that may be the same as one being written.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sockerless_reference::Digest;

/// Blobs smaller than this are written again without a lookup.
pub(crate) const LARGE: u64 = 1 << 20;

/// Blobs of one size that are remembered. Two large ones seldom have the same size, except on
/// purpose.
const OF_ONE_SIZE: usize = 8;

/// Large blobs by size: a hint where to look for a blob that is written again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes(Arc<OnceLock<Mutex<BySize>>>);

type BySize = HashMap<u64, Vec<Digest>>;

impl Sizes {
    /// The blobs that may have `size` bytes. The folder is read on the first call; one that cannot
    /// be read gives no hint.
    pub(crate) fn with(&self, size: u64, blobs: &Path) -> Vec<Digest> {
        let sizes = self.0.get_or_init(|| Mutex::new(read(blobs)));
        let sizes = sizes.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.get(&size).cloned().unwrap_or_default()
    }

    /// Notes a blob that is here now.
    pub(crate) fn add(&self, size: u64, digest: Digest) {
        // Until the folder is read there is no index to add to.
        if let Some(sizes) = self.0.get() {
            note(
                &mut sizes.lock().unwrap_or_else(PoisonError::into_inner),
                size,
                digest,
            );
        }
    }

    /// Forgets a blob that is gone.
    pub(crate) fn remove(&self, size: u64, digest: Digest) {
        let Some(sizes) = self.0.get() else { return };
        let mut sizes = sizes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(digests) = sizes.get_mut(&size) {
            digests.retain(|other| *other != digest);
            if digests.is_empty() {
                sizes.remove(&size);
            }
        }
    }
}

fn read(blobs: &Path) -> BySize {
    let mut sizes = BySize::new();
    for entry in fs::read_dir(blobs).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let digest = name.to_str().and_then(|name| Digest::from_hex(name).ok());
        if let (Some(digest), Ok(facts)) = (digest, entry.metadata()) {
            note(&mut sizes, facts.len(), digest);
        }
    }
    sizes
}

fn note(sizes: &mut BySize, size: u64, digest: Digest) {
    if size < LARGE {
        return;
    }
    let digests = sizes.entry(size).or_default();
    if !digests.contains(&digest) && digests.len() < OF_ONE_SIZE {
        digests.push(digest);
    }
}
