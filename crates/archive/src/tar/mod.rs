//! Walking a tar without holding it: headers are parsed, bytes of files pass by.
//!
//! It takes what Go's `archive/tar` takes (ustar, PAX, GNU and old v7 headers, files with holes as
//! PAX describes them), because Docker and all others that unpack images do, and it never holds more
//! than one header and its extensions.

mod extension;
mod fault;
mod header;
mod number;
mod sparse;
mod walker;

pub use fault::EntryFault;
pub(crate) use header::{Entry, Kind};
pub(crate) use walker::{Event, Walker};

/// Bytes of a tar block: headers are one, files are padded to whole ones.
pub(crate) const BLOCK: usize = 512;

/// Why bytes are no tar, or not one of a file system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TarError {
    /// A block where a header should be is none.
    #[error("invalid tar header at byte {offset}{}: {reason}", named(entry))]
    Header {
        /// Where the block begins, in bytes from the start of the tar.
        offset: u64,
        /// The name in it, where it can be told.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The tar ends in the middle of something.
    #[error("unexpected EOF at byte {offset}: expected {expected} more bytes of {what}")]
    Truncated {
        /// Where it ends.
        offset: u64,
        /// How much is missing at least.
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
    /// An entry is well formed, and still nothing can unpack it.
    #[error("no runtime can unpack {entry:?}: {fault}")]
    Entry {
        /// Its name.
        entry: String,
        /// Why not.
        fault: EntryFault,
    },
}

fn named(entry: &str) -> String {
    match entry {
        "" => String::new(),
        entry => format!(" of {entry:?}"),
    }
}
