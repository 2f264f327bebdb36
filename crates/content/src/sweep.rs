//! Finds and removes blobs that have been in the store longer than a grace period.

use std::fs;
use std::time::{Duration, SystemTime};

use sockerless_reference::Digest;

use crate::{ContentStore, Error};

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Blobs removed.
    pub blobs: u64,
    /// Bytes freed.
    pub bytes: u64,
}

impl Swept {
    /// Counts a blob of this many bytes, if it was removed.
    pub(crate) fn note(&mut self, removed: Option<u64>) {
        if let Some(bytes) = removed {
            self.blobs += 1;
            self.bytes += bytes;
        }
    }
}

impl ContentStore {
    /// The blobs that have been here longer than `grace`, so that no running load can be about to
    /// record them. A file whose name is not a digest is not a blob and is ignored.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be read.
    pub fn settled(&self, grace: Duration) -> Result<Vec<Digest>, Error> {
        let Some(blobs) = self.blobs() else {
            return Ok(Vec::new());
        };
        let before = SystemTime::now() - grace;
        let failed = |error| Error::io("read", blobs)(error);
        let mut settled = Vec::new();
        for entry in fs::read_dir(blobs).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Some(digest) = entry
                .file_name()
                .to_str()
                .and_then(|n| Digest::from_hex(n).ok())
            else {
                continue;
            };
            let modified = entry.metadata().and_then(|facts| facts.modified());
            if modified.map_err(Error::io("look at", entry.path()))? <= before {
                settled.push(digest);
            }
        }
        Ok(settled)
    }

    /// Removes those of `digests` that have been here longer than `grace`. The caller makes sure
    /// that nothing refers to them. A missing blob is not an error.
    ///
    /// # Errors
    /// [`Error::Io`] for the first that cannot be removed.
    pub fn remove(&self, digests: &[Digest], grace: Duration) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        let before = SystemTime::now() - grace;
        for digest in digests {
            let removed = self.remove_blob(*digest, |facts| Ok(facts.modified()? <= before))?;
            swept.note(removed);
        }
        Ok(swept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settled_blobs_are_offered_and_removed() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let mut writer = store.writer(None);
        writer.write(&b"bytes"[..]).expect("write");
        store
            .commit([writer.finish().expect("finish")])
            .expect("commit");
        let foreign = root.path().join("blobs/sha256/README");
        fs::write(&foreign, b"not a blob").expect("file");
        let digest = Digest::of(b"bytes");

        assert_eq!(store.settled(Duration::from_secs(3600)).expect("list"), []);
        assert_eq!(store.settled(Duration::ZERO).expect("list"), [digest]);
        let spared = store.remove(&[digest], Duration::from_secs(3600));
        assert_eq!(spared.expect("remove"), Swept::default());
        let swept = store
            .remove(&[digest, Digest::of(b"gone")], Duration::ZERO)
            .expect("remove");
        assert_eq!(swept, Swept { blobs: 1, bytes: 5 });
        assert!(matches!(store.read(digest), Err(Error::Missing(_))));
        assert!(foreign.exists());
    }
}
