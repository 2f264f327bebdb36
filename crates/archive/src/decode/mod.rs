//! Decoding a stream of chunks, whatever its compression.

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
    /// The chunks themselves could not be had.
    #[error("the upload ended early: {0}")]
    Source(io::Error),
    /// The data ends in the middle.
    #[error("unexpected EOF: the {0} data ends in the middle")]
    Truncated(Compression),
    /// The data contradicts itself.
    #[error("the {compression} data is damaged: {reason}")]
    Damaged {
        /// What it is compressed with.
        compression: Compression,
        /// What the decoder said.
        reason: String,
    },
    /// The data asks for more memory than allowed.
    #[error(
        "the {compression} data asks for a larger window than the limit max-window-bytes of {limit}"
    )]
    Window {
        /// What it is compressed with.
        compression: Compression,
        /// The limit's value.
        limit: u64,
    },
    /// The data becomes too much.
    #[error(
        "{received} bytes of {compression} data became more than {produced} bytes: a compression \
         bomb (limit max-expansion-ratio is {limit})"
    )]
    Expansion {
        /// What it is compressed with.
        compression: Compression,
        /// Bytes that went in.
        received: u64,
        /// Bytes that came out so far.
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
        /// What it is compressed with.
        compression: Compression,
        /// The limit's value.
        limit: u64,
    },
    /// The data consists of streams that are next to empty and cost more than they bring.
    #[error(
        "{received} bytes of {compression} data are split into {streams} streams with next to \
         nothing in them: a compression bomb (limit max-expansion-ratio is {limit})"
    )]
    TinyStreams {
        /// What it is compressed with.
        compression: Compression,
        /// Bytes that went in.
        received: u64,
        /// Compressed streams so far.
        streams: u64,
        /// The limit's value.
        limit: u64,
    },
    /// Something follows the compressed data.
    #[error(
        "the {compression} data is followed by bytes that are no {compression}, which begin with \
         {start:?}: nothing that unpacks it takes them"
    )]
    Trailing {
        /// What it is compressed with.
        compression: Compression,
        /// The first bytes that do not belong to it.
        start: String,
    },
}
