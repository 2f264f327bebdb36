//! The total size of all blobs in the store.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sockerless_reference::Digest;

use crate::Error;

/// How many bytes all blobs have together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Total(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    bytes: AtomicU64,
    /// Held while the file under a blob's name changes: of two writers of the same blob, only one
    /// makes the store larger.
    changing: Mutex<()>,
}

impl Total {
    /// Counts the bytes in a folder.
    pub(crate) fn of(blobs: &Path) -> Result<Self, Error> {
        let failed = |error| Error::io("read", blobs)(error);
        let mut bytes = 0_u64;
        for entry in fs::read_dir(blobs).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|n| Digest::from_hex(n).is_ok()) {
                bytes = bytes.saturating_add(length(&entry.path())?);
            }
        }
        let total = Self::default();
        total.0.bytes.store(bytes, Ordering::Relaxed);
        Ok(total)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Runs `change`, which puts a file under a blob's name or removes it, and counts the
    /// difference.
    pub(crate) fn changing<T>(
        &self,
        path: &Path,
        change: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _alone = self
            .0
            .changing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = length(path)?;
        let changed = change()?;
        let after = length(path)?;
        let bytes = self.bytes().saturating_sub(before).saturating_add(after);
        self.0.bytes.store(bytes, Ordering::Relaxed);
        Ok(changed)
    }
}

/// Bytes of a file; 0 when there is no such file.
fn length(path: &Path) -> Result<u64, Error> {
    match fs::metadata(path) {
        Ok(facts) => Ok(facts.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Error::io("look at", path)(error)),
    }
}
