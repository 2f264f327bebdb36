//! The store itself: opening it, committing, reading and verifying blobs.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;

use crate::sizes::{LARGE, Sizes};
use crate::spool::{Spool, Spooled};
use crate::total::Total;
use crate::writer::Destination;
use crate::{BlobWriter, Error, StagedBlob};

/// Bytes read at a time when a blob is verified: enough for the disk, small beside 64 MiB.
const VERIFY_BUFFER: usize = 256 * 1024;

/// Blobs under their digests. A handle, cheap to clone.
///
/// A blob is whole or absent: it gets its name only after its last byte is durable. Several stores
/// must not share a folder; the caller that opens one ensures that.
#[derive(Debug, Clone)]
pub struct ContentStore {
    /// Where blobs are written. `None` if they are only hashed.
    ingest: Option<Arc<Path>>,
    /// Where blobs are kept. `None` if they are dropped after use.
    blobs: Option<Arc<Path>>,
    sizes: Sizes,
    total: Total,
}

impl ContentStore {
    /// Opens the store in the folder `root`, which is created if missing.
    ///
    /// Unfinished blobs of an earlier process are removed.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be made or cleaned.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let blobs = root.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(Error::io("create", &blobs))?;
        let ingest = Some(empty_ingest(root)?);
        Ok(Self {
            ingest,
            total: Total::of(&blobs)?,
            blobs: Some(blobs.into()),
            sizes: Sizes::default(),
        })
    }

    /// A store in the folder `root` that drops blobs instead of committing them; until then they
    /// can be read. For layers that are passed on elsewhere.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be made or cleaned.
    pub fn transient(root: &Path) -> Result<Self, Error> {
        Ok(Self {
            ingest: Some(empty_ingest(root)?),
            blobs: None,
            sizes: Sizes::default(),
            total: Total::default(),
        })
    }

    /// A store that hashes what is written and keeps nothing.
    pub fn discarding() -> Self {
        Self {
            ingest: None,
            blobs: None,
            sizes: Sizes::default(),
            total: Total::default(),
        }
    }

    /// Whether blobs are kept.
    pub fn keeps(&self) -> bool {
        self.blobs.is_some()
    }

    /// Begins a blob of `size` bytes, if that is known. A large one that already exists is compared
    /// and not written again.
    pub fn writer(&self, size: Option<u64>) -> BlobWriter {
        let twins = match (&self.blobs, size) {
            (Some(blobs), Some(size)) if size >= LARGE => {
                let digests = self.sizes.with(size, blobs).into_iter();
                digests.map(|digest| blobs.join(digest.hex())).collect()
            }
            _ => Vec::new(),
        };
        BlobWriter::new(Destination {
            folder: self.ingest.clone(),
            lasting: self.keeps(),
            twins,
        })
    }

    /// Makes the blobs durable and visible under their digests.
    ///
    /// An existing blob is replaced by the new one, so a damaged one heals.
    ///
    /// # Errors
    /// [`Error::Io`]; some of the blobs may then be visible, each of them whole.
    pub fn commit(&self, staged: impl IntoIterator<Item = StagedBlob>) -> Result<(), Error> {
        let Some(blobs) = &self.blobs else {
            return Ok(());
        };
        let mut any = false;
        for blob in staged {
            let (digest, size) = (blob.digest(), blob.size());
            let path = blobs.join(digest.hex());
            let staged = match blob.file {
                Some(staged) => staged,
                // It is empty, so it has no file yet.
                None => Spool::new(self.ingest.as_deref().unwrap_or(blobs), true)?.finish()?,
            };
            self.sizes.add(size, digest);
            // It counts as new from now on, however long ago it was written.
            let now = SystemTime::now();
            let now = FileTimes::new().set_modified(now).set_accessed(now);
            let Spooled {
                path: staged,
                flushing,
            } = staged;
            let sync = || {
                let file = File::open(&staged)?;
                file.set_times(now)?;
                if is_same_file(&file, &path)? {
                    // It already exists and is durable.
                    return Ok(false);
                }
                match flushing {
                    Some(flushing) => flushing.wait()?,
                    // This flushes the file's bytes, through whichever handle they were written.
                    None => file.sync_data()?,
                }
                Ok(true)
            };
            if sync().map_err(Error::io("sync", staged.to_path_buf()))? {
                let named = || staged.persist(&path).map_err(|e| e.error);
                self.total
                    .changing(&path, || named().map_err(Error::io("name", &path)))?;
                any = true;
            }
        }
        if any {
            let folder = File::open(blobs).and_then(|folder| folder.sync_all());
            folder.map_err(Error::io("sync", &**blobs))?;
        }
        Ok(())
    }

    /// Opens a blob for reading, with its size. It counts as used now.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such blob.
    pub fn read(&self, digest: Digest) -> Result<(File, u64), Error> {
        let Some(blobs) = &self.blobs else {
            return Err(Error::Missing(digest));
        };
        let path = blobs.join(digest.hex());
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Missing(digest),
            _ => Error::io("open", &path)(error),
        })?;
        let size = file.metadata().map_err(Error::io("look at", &path))?.len();
        let now = FileTimes::new().set_accessed(SystemTime::now());
        file.set_times(now).map_err(Error::io("touch", &path))?;
        Ok((file, size))
    }

    /// Reads a blob that is to be used again and verifies its digest.
    ///
    /// Such a blob counts as new: the sweeper spares it for the grace period, in which its new
    /// user records it.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such blob, [`Error::Damaged`] when its bytes have
    /// another digest.
    pub fn verify(&self, digest: Digest) -> Result<(), Error> {
        let (mut file, _) = self.read(digest)?;
        let path = || self.locate(digest).unwrap_or_default();
        let now = FileTimes::new().set_modified(SystemTime::now());
        file.set_times(now).map_err(Error::io("touch", path()))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; VERIFY_BUFFER];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("read", path())(error)),
            }
        }
        let found = Digest::from_bytes(hasher.finalize().into());
        if found == digest {
            Ok(())
        } else {
            Err(Error::Damaged {
                expected: digest,
                found,
            })
        }
    }

    /// The path of a blob, whether or not it exists.
    pub fn locate(&self, digest: Digest) -> Option<PathBuf> {
        self.blobs.as_ref().map(|blobs| blobs.join(digest.hex()))
    }

    pub(crate) fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    pub(crate) fn total(&self) -> &Total {
        &self.total
    }

    pub(crate) fn blobs(&self) -> Option<&Path> {
        self.blobs.as_deref()
    }
}

/// Whether `path` is another name of this file.
fn is_same_file(file: &File, path: &Path) -> io::Result<bool> {
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(other) => Ok((own.dev(), own.ino()) == (other.dev(), other.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns the folder in which blobs are written, emptied of what an earlier process left there.
fn empty_ingest(root: &Path) -> Result<Arc<Path>, Error> {
    let ingest = root.join("ingest");
    if ingest.exists() {
        fs::remove_dir_all(&ingest).map_err(Error::io("remove unfinished blobs in", &ingest))?;
    }
    fs::create_dir_all(&ingest).map_err(Error::io("create", &ingest))?;
    Ok(ingest.into())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn staged(store: &ContentStore, bytes: &[u8]) -> StagedBlob {
        let mut writer = store.writer(None);
        for part in bytes.chunks(3) {
            writer.write(Bytes::copy_from_slice(part)).expect("write");
        }
        writer.finish().expect("finish")
    }

    fn names(folder: PathBuf) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("folder");
        let mut names: Vec<_> = entries
            .map(|e| e.expect("entry").file_name().into_string().expect("name"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_blob_is_visible_only_when_committed() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let blob = staged(&store, b"bytes");
        let digest = Digest::of(b"bytes");
        assert_eq!((blob.digest(), blob.size()), (digest, 5));
        assert!(matches!(store.read(digest), Err(Error::Missing(d)) if d == digest));

        store.commit([blob]).expect("commit");
        let (mut file, size) = store.read(digest).expect("blob");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("read");
        assert_eq!((text.as_str(), size), ("bytes", 5));
        store.verify(digest).expect("whole");
        assert_eq!(names(root.path().join("ingest")), [""; 0]);
    }

    #[test]
    fn a_dropped_blob_leaves_nothing() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        drop(staged(&store, b"bytes"));
        let mut unfinished = store.writer(None);
        unfinished.write(&b"x"[..]).expect("write");
        drop(unfinished);
        assert_eq!(names(root.path().join("ingest")), [""; 0]);
        assert_eq!(names(root.path().join("blobs/sha256")), [""; 0]);
    }

    #[test]
    fn an_empty_blob_is_one_too() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let blob = staged(&store, b"");
        assert_eq!(names(root.path().join("ingest")), [""; 0]);
        store.commit([blob]).expect("commit");
        let (_, size) = store.read(Digest::of(b"")).expect("blob");
        assert_eq!(size, 0);
    }

    #[test]
    fn a_blob_is_new_when_it_is_committed() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let blob = staged(&store, b"bytes");
        let file = File::open(blob.path().expect("a file")).expect("open");
        let old = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        file.set_times(old).expect("age");
        store.commit([blob]).expect("commit");
        let settled = store.settled(std::time::Duration::from_secs(3600));
        assert_eq!(settled.expect("list"), []);
    }

    #[test]
    fn what_a_crash_left_is_removed_at_the_next_start() {
        let root = tempfile::tempdir().expect("folder");
        drop(ContentStore::open(root.path()).expect("store"));
        fs::write(root.path().join("ingest/left"), b"x").expect("file");
        ContentStore::open(root.path()).expect("store");
        assert_eq!(names(root.path().join("ingest")), [""; 0]);
    }

    #[test]
    fn damage_is_found_and_healed_by_a_new_commit() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let digest = Digest::of(b"bytes");
        store.commit([staged(&store, b"bytes")]).expect("commit");
        fs::write(
            root.path().join("blobs/sha256").join(digest.hex()),
            b"byteS",
        )
        .expect("damage");
        let error = store.verify(digest).expect_err("damaged");
        let found = Digest::of(b"byteS");
        assert_eq!(
            error.to_string(),
            format!("blob {digest} is damaged on disk: found {found}")
        );
        store.commit([staged(&store, b"bytes")]).expect("commit");
        store.verify(digest).expect("healed");
    }

    #[test]
    fn a_transient_store_has_blobs_until_they_are_committed() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::transient(root.path()).expect("store");
        let blob = staged(&store, b"bytes");
        assert_eq!(
            fs::read(blob.path().expect("a file")).expect("read"),
            b"bytes"
        );
        let digest = blob.digest();
        store.commit([blob]).expect("commit");
        assert!(matches!(store.read(digest), Err(Error::Missing(_))));
        assert_eq!(names(root.path().join("ingest")), [""; 0]);
    }

    #[test]
    fn a_discarding_store_hashes_and_keeps_nothing() {
        let store = ContentStore::discarding();
        let blob = staged(&store, b"bytes");
        let digest = blob.digest();
        assert_eq!(digest, Digest::of(b"bytes"));
        store.commit([blob]).expect("commit");
        assert!(matches!(store.read(digest), Err(Error::Missing(_))));
    }

    /// A blob of more than a megabyte, different for each seed.
    fn large(seed: u8) -> Vec<u8> {
        let words = (0..400_000_u32).map(|n| n.wrapping_mul(2_654_435_761) ^ u32::from(seed));
        words.flat_map(u32::to_le_bytes).collect()
    }

    fn staged_large(store: &ContentStore, bytes: &[u8]) -> StagedBlob {
        let mut writer = store.writer(Some(bytes.len() as u64));
        for part in bytes.chunks(100_000) {
            writer.write(Bytes::copy_from_slice(part)).expect("write");
        }
        writer.finish().expect("finish")
    }

    fn inode(path: &Path) -> u64 {
        fs::metadata(path).expect("file").ino()
    }

    #[test]
    fn a_large_blob_that_is_here_is_not_written_again() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let bytes = large(1);
        store
            .commit([staged_large(&store, &bytes)])
            .expect("commit");
        let path = store.locate(Digest::of(&bytes)).expect("kept");
        let before = inode(&path);
        // Also after a restart, when the sizes are read from the folder.
        for store in [&store, &ContentStore::open(root.path()).expect("store")] {
            let again = staged_large(store, &bytes);
            assert_eq!(again.digest(), Digest::of(&bytes));
            assert_eq!(inode(again.path().expect("a name")), before);
            let old = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
            File::open(&path)
                .and_then(|file| file.set_times(old))
                .expect("age");
            store.commit([again]).expect("commit");
            assert_eq!(inode(&path), before);
            let settled = store.settled(std::time::Duration::from_secs(3600));
            assert_eq!(settled.expect("list"), [], "it counts as new");
            assert_eq!(names(root.path().join("ingest")), [""; 0]);
        }
    }

    #[test]
    fn one_that_only_begins_alike_is_written() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let bytes = large(1);
        store
            .commit([staged_large(&store, &bytes)])
            .expect("commit");
        let mut other = bytes.clone();
        *other.last_mut().expect("a byte") ^= 1;
        let mut shorter = bytes.clone();
        shorter.truncate(bytes.len() - 5);
        for (size, bytes) in [(bytes.len(), &other), (bytes.len(), &shorter)] {
            let mut writer = store.writer(Some(size as u64));
            for part in bytes.chunks(100_000) {
                writer.write(Bytes::copy_from_slice(part)).expect("write");
            }
            let blob = writer.finish().expect("finish");
            assert_eq!(blob.digest(), Digest::of(bytes));
            store.commit([blob]).expect("commit");
            store.verify(Digest::of(bytes)).expect("whole");
        }
        store.verify(Digest::of(&bytes)).expect("untouched");
    }

    #[test]
    fn one_that_is_damaged_or_goes_meanwhile_is_made_whole() {
        let root = tempfile::tempdir().expect("folder");
        let store = ContentStore::open(root.path()).expect("store");
        let bytes = large(1);
        let digest = Digest::of(&bytes);
        store
            .commit([staged_large(&store, &bytes)])
            .expect("commit");
        let path = store.locate(digest).expect("kept");
        let mut damaged = bytes.clone();
        damaged[1_500_000] ^= 1;
        fs::write(&path, damaged).expect("damage");
        store
            .commit([staged_large(&store, &bytes)])
            .expect("commit");
        store.verify(digest).expect("healed");

        let again = staged_large(&store, &bytes);
        let removed = store.remove(&[digest], std::time::Duration::ZERO);
        assert_eq!(removed.expect("remove").blobs, 1);
        store.commit([again]).expect("commit");
        store.verify(digest).expect("it has a name again");
        store
            .remove(&[digest], std::time::Duration::ZERO)
            .expect("remove");
        store
            .commit([staged_large(&store, &bytes)])
            .expect("commit");
        store.verify(digest).expect("written again");
    }
}
