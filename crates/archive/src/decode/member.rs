//! The decoder of a single gzip member, bzip2 stream, xz stream or zstd frame.

use std::io::{self, Read};

use bytes::Bytes;
use liblzma::stream::Stream;

use super::chunks::ChunkReader;
use super::zstd_frame::ZstdFrame;
use crate::Compression;

/// Decodes one gzip member, bzip2 stream, xz stream or zstd frame at a time.
///
/// One at a time, because the decoders differ in how they handle what follows.
pub(super) enum Member<I: Iterator<Item = io::Result<Bytes>>> {
    Gzip(flate2::bufread::GzDecoder<ChunkReader<I>>),
    Bzip2 {
        decoder: bzip2::bufread::BzDecoder<ChunkReader<I>>,
        block_bytes: u64,
    },
    Xz(liblzma::bufread::XzDecoder<ChunkReader<I>>),
    Zstd(ZstdFrame<ChunkReader<I>>),
}

/// Memory that liblzma needs besides the dictionary.
const XZ_OVERHEAD: u64 = 2 << 20;

/// Bytes that an xz decoder outputs in about the time it takes to create one.
const XZ_COST: u64 = 16 << 10;

/// A bzip2 decoder clears four bytes per byte of its block size, which takes as long as outputting
/// this fraction of a block.
const BZIP2_COST: u64 = 8;

impl<I: Iterator<Item = io::Result<Bytes>>> Member<I> {
    /// The decoder for `compression`, or the reader itself when there is nothing to decode.
    pub(super) fn new(
        compression: Compression,
        reader: ChunkReader<I>,
        window_bytes: u64,
    ) -> io::Result<Result<Self, ChunkReader<I>>> {
        Ok(Ok(match compression {
            Compression::None => return Ok(Err(reader)),
            Compression::Gzip => Self::Gzip(flate2::bufread::GzDecoder::new(reader)),
            Compression::Bzip2 => Self::bzip2(reader)?,
            Compression::Xz => Self::xz(reader, window_bytes)?,
            Compression::Zstd => Self::Zstd(ZstdFrame::new(reader, window_bytes)?),
        }))
    }

    /// Prepares for the member of the same compression that begins at the reader's position.
    ///
    /// The memory of a decoder is reused if its library allows that.
    pub(super) fn restart(&mut self, window_bytes: u64) -> io::Result<()> {
        let reader = self.reader().take();
        match self {
            Self::Gzip(decoder) => {
                decoder.reset(reader);
            }
            Self::Bzip2 { .. } => *self = Self::bzip2(reader)?,
            Self::Xz(_) => *self = Self::xz(reader, window_bytes)?,
            Self::Zstd(frame) => {
                frame.reader = reader;
                frame.restart()?;
            }
        }
        Ok(())
    }

    fn bzip2(mut reader: ChunkReader<I>) -> io::Result<Self> {
        // The fourth byte is the block size.
        let level = match reader.peek(4) {
            Ok(&[_, _, _, digit]) => u64::from(digit.saturating_sub(b'0')),
            _ => 9,
        };
        Ok(Self::Bzip2 {
            decoder: bzip2::bufread::BzDecoder::new(reader),
            block_bytes: level * 100_000,
        })
    }

    fn xz(reader: ChunkReader<I>, window_bytes: u64) -> io::Result<Self> {
        let stream = Stream::new_stream_decoder(window_bytes.saturating_add(XZ_OVERHEAD), 0)?;
        Ok(Self::Xz(liblzma::bufread::XzDecoder::new_stream(
            reader, stream,
        )))
    }

    /// The reader, which is after the member once that has been read to its end.
    pub(super) fn reader(&mut self) -> &mut ChunkReader<I> {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Bzip2 { decoder, .. } => decoder.get_mut(),
            Self::Xz(decoder) => decoder.get_mut(),
            Self::Zstd(frame) => &mut frame.reader,
        }
    }

    pub(super) fn compression(&self) -> Compression {
        match self {
            Self::Gzip(_) => Compression::Gzip,
            Self::Bzip2 { .. } => Compression::Bzip2,
            Self::Xz(_) => Compression::Xz,
            Self::Zstd(_) => Compression::Zstd,
        }
    }

    /// The cost of beginning a member, in bytes of output in the same time.
    pub(super) fn cost(&self) -> u64 {
        match self {
            // These are only reset.
            Self::Gzip(_) | Self::Zstd(_) => 0,
            Self::Xz(_) => XZ_COST,
            Self::Bzip2 { block_bytes, .. } => block_bytes / BZIP2_COST,
        }
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> Read for Member<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Bzip2 { decoder, .. } => decoder.read(buffer),
            Self::Xz(decoder) => decoder.read(buffer),
            Self::Zstd(frame) => frame.read(buffer),
        }
    }
}

/// Whether a decoder stopped because its window would exceed the limit.
pub(super) fn wants_more_window(error: &io::Error) -> bool {
    let inner = error.get_ref();
    let xz = inner.and_then(|inner| inner.downcast_ref::<liblzma::stream::Error>());
    // zstd's own name of ZSTD_error_frameParameter_windowTooLarge: its binding has only this.
    matches!(xz, Some(liblzma::stream::Error::MemLimit))
        || error.to_string() == "Frame requires too much memory for decoding"
}
