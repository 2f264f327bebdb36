use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// The folders of files of an operating system.
const ROOTS: [&str; 4] = ["/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share"];

/// Bytes of one block of a tar.
pub(super) const BLOCK: u64 = 512;

/// A regular file of this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    /// Where it is.
    pub(super) path: PathBuf,
    /// How much of it is taken.
    pub(super) size: u64,
}

impl Source {
    /// Its bytes.
    pub(super) fn open(&self) -> Result<io::Take<File>> {
        let file = File::open(&self.path).with_context(|| self.path.display().to_string())?;
        Ok(file.take(self.size))
    }

    /// Bytes that it takes in a tar: a header, and whole blocks.
    pub(super) fn tar_size(&self) -> u64 {
        BLOCK + self.size.next_multiple_of(BLOCK)
    }

    /// Whether it is a program or a library.
    pub(super) fn is_binary(&self) -> bool {
        let mut magic = [0; 4];
        let read = File::open(&self.path).and_then(|mut file| file.read_exact(&mut magic));
        read.is_ok() && magic == *b"\x7fELF"
    }
}

/// All regular files of the machine's operating system, shuffled: in the order of the hashes of
/// their paths, which is the same each time. A prefix of them is representative.
pub(super) fn all() -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for root in ROOTS {
        gather(Path::new(root), &mut found)?;
    }
    found.sort_by_cached_key(|source| {
        let hash: [u8; 32] = Sha256::digest(source.path.as_os_str().as_encoded_bytes()).into();
        hash
    });
    Ok(found)
}

fn gather(folder: &Path, found: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let path = entry.path();
        if metadata.is_dir() {
            gather(&path, found)?;
        } else if metadata.is_file() {
            let size = metadata.len();
            found.push(Source { path, size });
        }
    }
    Ok(())
}
