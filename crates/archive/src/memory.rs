//! The memory budget that readers of archives share.

use crate::{Compression, Error};

/// Bytes of documents and names that a load keeps without asking for [`Memory`].
pub const SMALL_DOCUMENTS: u64 = 256 << 10;

/// Grants memory to a reader that needs more than [`SMALL_DOCUMENTS`], or a decompressor with a
/// large window.
pub trait Memory: Sync {
    /// Waits until there is room for everything that the limits allow one archive. Further calls
    /// return at once.
    ///
    /// # Errors
    /// [`OutOfMemory`] when the wait takes too long.
    fn take(&self) -> Result<(), OutOfMemory>;
}

/// Other readers hold the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the memory for documents and decompressors (limit max-memory-bytes is {limit}) is taken by \
     other loads and imports, and none of them has ended for {seconds} seconds: try again, or raise \
     the limit"
)]
pub struct OutOfMemory {
    /// The limit's value.
    pub limit: u64,
    /// How long the reader waited.
    pub seconds: u64,
}

/// Memory that is only bounded by the limits of each archive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unshared;

impl Memory for Unshared {
    fn take(&self) -> Result<(), OutOfMemory> {
        Ok(())
    }
}

/// Takes memory for a decoder, if it may need a lot.
pub(crate) fn take_for(compression: Compression, memory: &dyn Memory) -> Result<(), Error> {
    match compression {
        Compression::None | Compression::Gzip => Ok(()),
        Compression::Bzip2 | Compression::Xz | Compression::Zstd => Ok(memory.take()?),
    }
}
