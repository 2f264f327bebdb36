//! The total size of the store, and the removal of the least recently used blobs.

use std::fs::{self, Metadata};
use std::io;
use std::time::SystemTime;

use sockerless_reference::Digest;

use crate::{ContentStore, Error, Swept};

/// A stored blob, as it was when it was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptBlob {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last committed or verified for a new use: since then it counts as new.
    pub since: SystemTime,
    /// When it was last used: committed, verified or opened for reading.
    pub used: SystemTime,
}

impl KeptBlob {
    fn of(digest: Digest, facts: &Metadata) -> io::Result<Self> {
        let since = facts.modified()?;
        Ok(Self {
            digest,
            size: facts.len(),
            since,
            used: facts.accessed()?.max(since),
        })
    }
}

impl ContentStore {
    /// Total bytes of all blobs. Does not read the disk.
    pub fn size(&self) -> u64 {
        self.total().bytes()
    }

    /// Every blob, the least recently used first. The order survives a restart: it is kept in the
    /// files' times.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be read.
    pub fn least_recently_used(&self) -> Result<Vec<KeptBlob>, Error> {
        let Some(folder) = self.blobs() else {
            return Ok(Vec::new());
        };
        let failed = |error| Error::io("read", folder)(error);
        let mut blobs = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(digest) = name.to_str().and_then(|name| Digest::from_hex(name).ok()) else {
                continue;
            };
            let blob = entry
                .metadata()
                .and_then(|facts| KeptBlob::of(digest, &facts));
            match blob {
                Ok(blob) => blobs.push(blob),
                // Removed in the meantime.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("look at", entry.path())(error)),
            }
        }
        blobs.sort_unstable_by_key(|blob| (blob.used, blob.digest));
        Ok(blobs)
    }

    /// Removes those of `blobs` that have not been used since they were listed.
    ///
    /// # Errors
    /// [`Error::Io`] for the first that cannot be removed.
    pub fn evict(&self, blobs: &[KeptBlob]) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        for seen in blobs {
            let removed = self.remove_blob(seen.digest, |facts| {
                KeptBlob::of(seen.digest, facts).map(|now| now == *seen)
            })?;
            swept.note(removed);
        }
        Ok(swept)
    }

    /// Removes a blob if it exists and `may_go` allows it. Returns its size in bytes.
    pub(crate) fn remove_blob(
        &self,
        digest: Digest,
        may_go: impl FnOnce(&Metadata) -> io::Result<bool>,
    ) -> Result<Option<u64>, Error> {
        let Some(folder) = self.blobs() else {
            return Ok(None);
        };
        let path = folder.join(digest.hex());
        self.total().changing(&path, || {
            let facts = match fs::metadata(&path) {
                Ok(facts) => facts,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Error::io("look at", &path)(error)),
            };
            if !may_go(&facts).map_err(Error::io("look at", &path))? {
                return Ok(None);
            }
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            self.sizes().remove(facts.len(), digest);
            Ok(Some(facts.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    fn put(store: &ContentStore, bytes: &'static [u8]) -> Digest {
        let mut writer = store.writer(None);
        writer.write(bytes).expect("write");
        let staged = writer.finish().expect("finish");
        let digest = staged.digest();
        store.commit([staged]).expect("commit");
        digest
    }

    /// Sets the last use of a blob to this many seconds after a fixed time.
    fn used(root: &Path, digest: Digest, seconds: u64) {
        let path = root.join("blobs/sha256").join(digest.hex());
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let times = FileTimes::new().set_modified(at).set_accessed(at);
        let file = File::open(path).expect("blob");
        file.set_times(times).expect("times");
    }

    fn order(store: &ContentStore) -> Vec<Digest> {
        let blobs = store.least_recently_used().expect("list");
        blobs.iter().map(|blob| blob.digest).collect()
    }

    #[test]
    fn the_size_is_that_of_every_blob_once() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        assert_eq!(store.size(), 0);
        let a = put(&store, b"four");
        put(&store, b"fourteen bytes");
        put(&store, b"four");
        assert_eq!(store.size(), 18);
        fs::write(root.path().join("blobs/sha256/README"), b"no blob").expect("file");
        assert_eq!(ContentStore::open(root.path()).expect("store").size(), 18);
        let handle = store.clone();
        handle.remove(&[a, a], Duration::ZERO).expect("removed");
        assert_eq!(store.size(), 14);
        // A healed blob counts with its new size.
        let b = store.least_recently_used().expect("list")[0];
        fs::write(store.locate(b.digest).expect("path"), b"cut").expect("damage");
        let store = ContentStore::open(root.path()).expect("store");
        assert_eq!(store.size(), 3);
        put(&store, b"fourteen bytes");
        assert_eq!(store.size(), 14);
        store
            .evict(&store.least_recently_used().expect("list"))
            .expect("evicted");
        assert_eq!((store.size(), order(&store)), (0, Vec::new()));
    }

    #[test]
    fn every_use_makes_a_blob_the_last_to_go_and_a_start_none() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let [a, b, c] = [b"a", b"b", b"c"].map(|bytes| put(&store, bytes));
        for (digest, seconds) in [(b, 1), (c, 2), (a, 3)] {
            used(root.path(), digest, seconds);
        }
        assert_eq!(order(&store), [b, c, a]);
        drop(store);
        let store = ContentStore::open(root.path()).expect("store");
        assert_eq!(order(&store), [b, c, a]);
        store.read(b).expect("read");
        assert_eq!(order(&store), [c, a, b]);
        used(root.path(), b, 4);
        store.verify(c).expect("whole");
        assert_eq!(order(&store), [a, b, c]);
        used(root.path(), c, 5);
        put(&store, b"a");
        assert_eq!(order(&store), [b, c, a]);
    }

    #[test]
    fn what_was_used_since_it_was_looked_at_stays() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let (a, b) = (put(&store, b"aa"), put(&store, b"bbb"));
        used(root.path(), a, 1);
        used(root.path(), b, 2);
        let seen = store.least_recently_used().expect("list");
        store.read(a).expect("read");
        let swept = store.evict(&seen).expect("evicted");
        assert_eq!(swept, Swept { blobs: 1, bytes: 3 });
        assert_eq!(order(&store), [a]);
        assert_eq!(store.evict(&seen).expect("gone"), Swept::default());
    }

    #[test]
    fn a_store_that_keeps_nothing_has_nothing_to_evict() {
        let root = tempfile::tempdir().expect("folder");
        for store in [
            ContentStore::discarding(),
            ContentStore::transient(root.path()).expect("store"),
        ] {
            put(&store, b"bytes");
            assert_eq!((store.size(), order(&store)), (0, Vec::new()));
        }
    }
}
