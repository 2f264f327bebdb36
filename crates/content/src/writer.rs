use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;
use tempfile::{NamedTempFile, TempPath};

use crate::Error;

/// A blob that is being written. Hashes as it writes; dropping it removes what was written.
#[derive(Debug)]
pub struct BlobWriter {
    /// Where its file is to be. None where layers are verified and dropped.
    folder: Option<Arc<Path>>,
    /// None until there is a byte to write: an archive may have many empty files.
    file: Option<NamedTempFile>,
    hasher: Sha256,
    size: u64,
}

impl BlobWriter {
    pub(crate) fn new(folder: Option<Arc<Path>>) -> Self {
        Self {
            folder,
            file: None,
            hasher: Sha256::new(),
            size: 0,
        }
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk is full or broken.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let (Some(folder), None) = (&self.folder, &self.file) {
            let file = NamedTempFile::new_in(folder);
            self.file = Some(file.map_err(Error::io("create a file in", &**folder))?);
        }
        if let Some(file) = &mut self.file {
            let written = file.as_file_mut().write_all(bytes);
            written.map_err(Error::io("write", file.path()))?;
        }
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Ends the blob: from here on its digest is known.
    ///
    /// Its file is closed, so that an archive may have more blobs than a process open files.
    pub fn finish(self) -> StagedBlob {
        StagedBlob {
            digest: Digest::from_bytes(self.hasher.finalize().into()),
            size: self.size,
            path: self.file.map(NamedTempFile::into_temp_path),
        }
    }
}

/// A blob that is written and hashed but not yet in the store. Dropping it removes it.
#[derive(Debug)]
pub struct StagedBlob {
    digest: Digest,
    size: u64,
    pub(crate) path: Option<TempPath>,
}

impl StagedBlob {
    /// Digest of the bytes that were written.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many bytes were written.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the bytes are until then, if they are kept at all.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}
