use crate::{Compression, Error};

/// Bytes of documents and names that a load keeps without asking for [`Memory`].
pub const SMALL_DOCUMENTS: u64 = 256 << 10;

/// Whom a reader asks once it needs much memory: for more than [`SMALL_DOCUMENTS`], or for a
/// decompressor with a large window.
pub trait Memory: Sync {
    /// Waits until there is room for everything that the limits allow one archive. Asked again, it
    /// has that already.
    ///
    /// # Errors
    /// [`OutOfMemory`] when there is none for too long.
    fn take(&self) -> Result<(), OutOfMemory>;
}

/// Others have taken the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the memory for documents and decompressors (limit max-memory-bytes is {limit}) is taken by \
     other loads and imports, and none of them has ended for {seconds} seconds: try again, or raise \
     the limit"
)]
pub struct OutOfMemory {
    /// The limit's value.
    pub limit: u64,
    /// How long it was waited for.
    pub seconds: u64,
}

/// Memory without a bound beyond the limits of each archive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unshared;

impl Memory for Unshared {
    fn take(&self) -> Result<(), OutOfMemory> {
        Ok(())
    }
}

/// Asks for the memory of a decoder, if that may need much.
pub(crate) fn take_for(compression: Compression, memory: &dyn Memory) -> Result<(), Error> {
    match compression {
        Compression::None | Compression::Gzip => Ok(()),
        Compression::Bzip2 | Compression::Xz | Compression::Zstd => Ok(memory.take()?),
    }
}
