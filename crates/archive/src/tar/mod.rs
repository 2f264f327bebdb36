//! Walking a tar without keeping it in memory: headers are parsed, file bytes are passed through.
//!
//! It accepts what Go's `archive/tar` accepts (ustar, PAX, GNU and old v7 headers, sparse files as
//! PAX describes them), because Docker and other tools that unpack images do, and never holds more
//! than one header and its extensions.

mod extension;
mod fault;
mod header;
mod number;
mod sparse;
mod walker;

pub use fault::EntryFault;
pub(crate) use header::{Entry, EntryKind};
pub(crate) use walker::{Event, Walker};

/// Bytes of a tar block: a header is one block, files are padded to whole blocks.
pub(crate) const BLOCK: usize = 512;

/// Why bytes are not a valid tar, or not one of a file system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TarError {
    /// A block is not a valid header.
    #[error("invalid tar header at byte {offset}{}: {reason}", named(entry))]
    Header {
        /// Where the block begins, in bytes from the start of the tar.
        offset: u64,
        /// The name in it, if readable.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The tar ends prematurely.
    #[error("unexpected EOF at byte {offset}: expected {expected} more bytes of {what}")]
    Truncated {
        /// Where it ends.
        offset: u64,
        /// The number of bytes missing, at least.
        expected: u64,
        /// What was being read.
        what: &'static str,
    },
    /// The extensions of one header (long names, PAX records) are larger than allowed.
    #[error(
        "tar header at byte {offset} has {found} bytes of extensions: the limit max-header-bytes is {limit}"
    )]
    Extensions {
        /// Where the header begins.
        offset: u64,
        /// How many bytes it announces.
        found: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// An entry is well formed but cannot be unpacked.
    #[error("no runtime can unpack {entry:?}: {fault}")]
    Entry {
        /// Its name.
        entry: String,
        /// Why it cannot be unpacked.
        fault: EntryFault,
    },
}

fn named(entry: &str) -> String {
    match entry {
        "" => String::new(),
        entry => format!(" of {entry:?}"),
    }
}
