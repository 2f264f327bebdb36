//! Writing a blob: it is hashed on the way and stays invisible until it is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;

use crate::Error;
use crate::spool::{Spool, Spooled};
use crate::twin::Twin;

/// A blob that is being written. Hashes as it writes; dropping it removes what was written.
///
/// A blob that already exists is compared and not written again.
#[derive(Debug)]
pub struct BlobWriter {
    place: Destination,
    to: To,
    hasher: Sha256,
    size: u64,
}

/// Where a blob is written.
#[derive(Debug, Default)]
pub(crate) struct Destination {
    /// The folder of its file. `None` if blobs are only hashed.
    pub(crate) folder: Option<Arc<Path>>,
    /// Whether it must be durable in the end.
    pub(crate) lasting: bool,
    /// Blobs that may be identical.
    pub(crate) twins: Vec<PathBuf>,
}

#[derive(Debug)]
enum To {
    /// Nothing is written yet, so there is no file: an archive may have many empty files.
    Nothing,
    Twin(Twin),
    File(Spool),
}

impl BlobWriter {
    pub(crate) fn new(place: Destination) -> Self {
        Self {
            place,
            to: To::Nothing,
            hasher: Sha256::new(),
            size: 0,
        }
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk is full or broken, perhaps for bytes of an earlier call.
    pub fn write(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        // The disk first: it works while this thread hashes.
        if let Some(folder) = self.place.folder.clone() {
            self.keep(&folder, bytes.clone())?;
        }
        self.hasher.update(&bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn keep(&mut self, folder: &Path, bytes: Bytes) -> Result<(), Error> {
        let lasting = self.place.lasting;
        let mut spool = match std::mem::replace(&mut self.to, To::Nothing) {
            To::File(spool) => spool,
            To::Nothing => match Twin::find(self.place.twins.drain(..), &bytes) {
                Some(twin) => {
                    self.to = To::Twin(twin);
                    return Ok(());
                }
                None => Spool::new(folder, lasting)?,
            },
            To::Twin(mut twin) => {
                if twin.goes_on(&bytes) {
                    self.to = To::Twin(twin);
                    return Ok(());
                }
                Spool::new(folder, lasting)?.filled(|file| twin.copy(file))?
            }
        };
        spool.write(bytes)?;
        self.to = To::File(spool);
        Ok(())
    }

    /// Ends the blob: from here on its digest is known.
    ///
    /// Its file is closed, so that an archive may have more blobs than a process open files.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk is full or broken.
    pub fn finish(self) -> Result<StagedBlob, Error> {
        let file = match (self.to, &self.place.folder) {
            (To::File(spool), _) => Some(spool.finish()?),
            (To::Twin(twin), Some(folder)) => Some(linked(twin, folder, self.place.lasting)?),
            (To::Twin(_), None) | (To::Nothing, _) => None,
        };
        Ok(StagedBlob {
            digest: Digest::from_bytes(self.hasher.finalize().into()),
            size: self.size,
            file,
        })
    }
}

/// A hard link to an existing blob, which stays when that is removed; a copy of the compared bytes
/// where linking fails.
fn linked(mut twin: Twin, folder: &Path, lasting: bool) -> Result<Spooled, Error> {
    if let Some(path) = twin.whole() {
        let named = tempfile::Builder::new().make_in(folder, |link| fs::hard_link(&path, link));
        if let Ok(named) = named {
            return Ok(Spooled {
                path: named.into_temp_path(),
                flushing: None,
            });
        }
    }
    Spool::new(folder, lasting)?
        .filled(|file| twin.copy(file))?
        .finish()
}

/// A blob that is written and hashed but not yet in the store. Dropping it removes it.
#[derive(Debug)]
pub struct StagedBlob {
    digest: Digest,
    size: u64,
    pub(crate) file: Option<Spooled>,
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

    /// The file with the bytes, if they are kept at all.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| &*file.path)
    }
}
