//! Decoding a stream of chunks of any compression.

mod chunks;
#[cfg(test)]
pub(crate) mod encoders;
mod expansion;
mod member;
mod pool;
mod stream;
mod zstd_frame;

pub(crate) use expansion::Expansion;
pub(crate) use stream::{Decoded, Trailing};

use std::io;

use crate::Compression;

/// Why compressed data could not be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The source of the chunks failed.
    #[error("the upload ended early: {0}")]
    Source(io::Error),
    /// The data ends prematurely.
    #[error("unexpected EOF: the {0} data ends in the middle")]
    Truncated(Compression),
    /// The data is corrupt.
    #[error("the {compression} data is damaged: {reason}")]
    Damaged {
        /// The compression format.
        compression: Compression,
        /// The decoder's message.
        reason: String,
    },
    /// The data needs more memory than allowed.
    #[error(
        "the {compression} data asks for a larger window than the limit max-window-bytes of {limit}"
    )]
    Window {
        /// The compression format.
        compression: Compression,
        /// The limit's value.
        limit: u64,
    },
    /// The data expands too much.
    #[error(
        "{received} bytes of {compression} data became more than {produced} bytes: a compression \
         bomb (limit max-expansion-ratio is {limit})"
    )]
    Expansion {
        /// The compression format.
        compression: Compression,
        /// Bytes of input.
        received: u64,
        /// Bytes of output so far.
        produced: u64,
        /// The limit's value.
        limit: u64,
    },
    /// There are too many members, streams or frames.
    #[error(
        "the {compression} data has more streams than allowed: the limit max-compressed-streams is \
         {limit} for the whole archive"
    )]
    Streams {
        /// The compression format.
        compression: Compression,
        /// The limit's value.
        limit: u64,
    },
    /// The data consists of nearly empty streams that cost more than they produce.
    #[error(
        "{received} bytes of {compression} data are split into {streams} streams with next to \
         nothing in them: a compression bomb (limit max-expansion-ratio is {limit})"
    )]
    TinyStreams {
        /// The compression format.
        compression: Compression,
        /// Bytes of input.
        received: u64,
        /// Compressed streams so far.
        streams: u64,
        /// The limit's value.
        limit: u64,
    },
    /// Other bytes follow the compressed data.
    #[error(
        "the {compression} data is followed by bytes that are no {compression}, which begin with \
         {start:?}: nothing that unpacks it takes them"
    )]
    Trailing {
        /// The compression format.
        compression: Compression,
        /// The first bytes that do not belong to it.
        start: String,
    },
}
