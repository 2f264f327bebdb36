use std::io::{self, BufRead, Read};

use liblzma::stream::Stream;

use crate::Compression;

/// The decoder of one gzip member, bzip2 stream, xz stream or zstd frame.
///
/// One at a time, because the decoders differ in what they make of what follows.
pub(super) enum Member<R: BufRead> {
    Gzip(flate2::bufread::GzDecoder<R>),
    Bzip2(bzip2::bufread::BzDecoder<R>),
    Xz(liblzma::bufread::XzDecoder<R>),
    Zstd(zstd::stream::read::Decoder<'static, R>),
}

/// What liblzma needs beside the dictionary.
const XZ_OVERHEAD: u64 = 2 << 20;

impl<R: BufRead> Member<R> {
    /// The decoder for `compression`, or the reader itself when there is nothing to decode.
    pub(super) fn new(
        compression: Compression,
        reader: R,
        window_bytes: u64,
    ) -> io::Result<Result<Self, R>> {
        Ok(Ok(match compression {
            Compression::None => return Ok(Err(reader)),
            Compression::Gzip => Self::Gzip(flate2::bufread::GzDecoder::new(reader)),
            Compression::Bzip2 => Self::Bzip2(bzip2::bufread::BzDecoder::new(reader)),
            Compression::Xz => {
                let stream = Stream::new_stream_decoder(window_bytes + XZ_OVERHEAD, 0)?;
                Self::Xz(liblzma::bufread::XzDecoder::new_stream(reader, stream))
            }
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?.single_frame();
                // zstd knows windows of 2^10 to 2^31 bytes.
                decoder.window_log_max(window_bytes.max(1 << 10).ilog2().min(31))?;
                Self::Zstd(decoder)
            }
        }))
    }

    /// The reader, which stands behind the member when that was read to its end.
    pub(super) fn into_inner(self) -> R {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.finish(),
        }
    }

    pub(super) fn compression(&self) -> Compression {
        match self {
            Self::Gzip(_) => Compression::Gzip,
            Self::Bzip2(_) => Compression::Bzip2,
            Self::Xz(_) => Compression::Xz,
            Self::Zstd(_) => Compression::Zstd,
        }
    }
}

impl<R: BufRead> Read for Member<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Bzip2(decoder) => decoder.read(buffer),
            Self::Xz(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// Whether a decoder stopped because its window would be larger than it may be.
pub(super) fn wants_more_window(error: &io::Error) -> bool {
    let inner = error.get_ref();
    let xz = inner.and_then(|inner| inner.downcast_ref::<liblzma::stream::Error>());
    // zstd's own name of ZSTD_error_frameParameter_windowTooLarge: its binding has only this.
    matches!(xz, Some(liblzma::stream::Error::MemLimit))
        || error.to_string() == "Frame requires too much memory for decoding"
}
