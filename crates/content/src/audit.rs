//! Verification of every blob, without changing anything.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;

use crate::Error;

/// Bytes read at a time: enough for the disk, small beside 64 MiB.
const BUFFER: usize = 256 * 1024;

/// What was found for one entry of the folder of blobs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Audited {
    /// A blob whose bytes have its digest.
    Whole {
        /// The digest.
        digest: Digest,
        /// The number of its bytes.
        size: u64,
    },
    /// A blob that is not as it was committed, or cannot be read.
    Faulty {
        /// The digest under which it is kept.
        digest: Digest,
        /// [`Error::Damaged`] or [`Error::Io`].
        error: Error,
    },
    /// An entry that is not a blob.
    Foreign {
        /// Where it is.
        path: PathBuf,
    },
}

/// Reads every blob of the store in the folder `root` and compares it with its digest, in no order.
/// The store may be in use meanwhile. A missing folder has no blobs.
///
/// # Errors
/// [`Error::Io`] when the folder itself cannot be read.
pub fn audit(root: &Path, mut tell: impl FnMut(Audited)) -> Result<(), Error> {
    let blobs = root.join("blobs/sha256");
    let entries = match fs::read_dir(&blobs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("read", blobs)(error)),
    };
    let mut buffer = vec![0; BUFFER];
    for entry in entries {
        let entry = entry.map_err(Error::io("read", &blobs))?;
        let path = entry.path();
        let name = entry.file_name();
        let digest = name.to_str().and_then(|name| Digest::from_hex(name).ok());
        let is_file = entry.file_type().is_ok_and(|found| found.is_file());
        let Some(digest) = digest.filter(|_| is_file) else {
            tell(Audited::Foreign { path });
            continue;
        };
        match hash(&path, &mut buffer) {
            Ok((found, size)) if found == digest => tell(Audited::Whole { digest, size }),
            Ok((found, _)) => tell(Audited::Faulty {
                digest,
                error: Error::Damaged {
                    expected: digest,
                    found,
                },
            }),
            // It was removed since the folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tell(Audited::Faulty {
                digest,
                error: Error::io("read", path)(error),
            }),
        }
    }
    Ok(())
}

fn hash(path: &Path, buffer: &mut [u8]) -> io::Result<(Digest, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut size = 0;
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok((Digest::from_bytes(hasher.finalize().into()), size)),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentStore;

    #[test]
    fn every_blob_is_compared() {
        let root = tempfile::tempdir().expect("folder");
        let nothing = audit(&root.path().join("none"), |found| panic!("{found:?}"));
        nothing.expect("no folder, no blobs");

        let store = ContentStore::open(root.path()).expect("store");
        let digests = [&b"one"[..], b"two", b""].map(|bytes| {
            let mut writer = store.writer(None);
            writer.write(bytes).expect("write");
            let blob = writer.finish().expect("finish");
            let digest = blob.digest();
            store.commit([blob]).expect("commit");
            digest
        });
        let blobs = root.path().join("blobs/sha256");
        fs::write(blobs.join(digests[1].hex()), "twO").expect("damage");
        fs::write(blobs.join("README"), "x").expect("file");
        fs::create_dir(blobs.join(Digest::of("x").hex())).expect("folder");

        let (mut whole, mut faulty, mut foreign) = (Vec::new(), Vec::new(), 0);
        audit(root.path(), |found| match found {
            Audited::Whole { digest, size } => whole.push((digest, size)),
            Audited::Faulty { digest, error } => faulty.push((digest, error.to_string())),
            Audited::Foreign { .. } => foreign += 1,
        })
        .expect("readable");
        whole.sort_unstable_by_key(|(_, size)| *size);
        assert_eq!(whole, [(digests[2], 0), (digests[0], 3)]);
        let expected = format!(
            "blob {} is damaged on disk: found {}",
            digests[1],
            Digest::of("twO")
        );
        assert_eq!(faulty, [(digests[1], expected)]);
        assert_eq!(foreign, 2);
    }
}
