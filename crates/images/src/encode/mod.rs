//! The encodings of layers, and their conversion: the same content always gives the same bytes.

mod gzip;

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use sockerless_archive::{Limits, decode};
use sockerless_oci::media_type;

/// How a layer is encoded on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
    Zstd,
}

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// Bytes sent at a time.
const BLOCK: usize = 256 * 1024;

type Send<'a> = &'a mut dyn FnMut(Bytes) -> io::Result<()>;

impl Encoding {
    /// Those that can be decoded to the tar.
    pub(crate) const COMPRESSED: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// The name under which an encoded layer is remembered.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The media type of a layer that is encoded so.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Plain => media_type::OCI_LAYER,
            Self::Gzip => media_type::OCI_LAYER_GZIP,
            Self::Zstd => media_type::OCI_LAYER_ZSTD,
        }
    }
}

/// Decodes `chunks`, whatever their compression, and sends them in another encoding. The same
/// content always gives the same bytes.
pub(crate) fn encode(
    chunks: impl Iterator<Item = io::Result<Bytes>>,
    encoding: Encoding,
    limits: &Limits,
    send: Send<'_>,
) -> io::Result<()> {
    let decoded = decode(chunks, limits).map_err(io::Error::other)?;
    let mut decoded = decoded.map(|chunk| chunk.map_err(io::Error::other));
    match encoding {
        Encoding::Plain => decoded.try_for_each(|chunk| send(chunk?)),
        Encoding::Gzip => gzip::gzip(InBlocks::of(gzip::BLOCK, decoded), send),
        Encoding::Zstd => {
            let mut encoder = zstd::Encoder::new(Blocks::new(send), ZSTD_LEVEL)?;
            encoder.include_checksum(true)?;
            for block in InBlocks::of(BLOCK, decoded) {
                encoder.write_all(&block?)?;
            }
            encoder.finish()?.finish()
        }
    }
}

/// A stream in pieces of one size, the last one excepted, because encoders end their blocks where
/// a piece ends.
struct InBlocks<I> {
    size: usize,
    chunks: I,
    rest: Bytes,
}

impl<I: Iterator<Item = io::Result<Bytes>>> InBlocks<I> {
    fn of(size: usize, chunks: I) -> Self {
        let rest = Bytes::new();
        Self { size, chunks, rest }
    }
}

impl<I: Iterator<Item = io::Result<Bytes>>> Iterator for InBlocks<I> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut block = BytesMut::with_capacity(self.size);
        while block.len() < self.size {
            if self.rest.is_empty() {
                match self.chunks.next() {
                    Some(Ok(chunk)) => self.rest = chunk,
                    Some(Err(error)) => return Some(Err(error)),
                    None => break,
                }
            }
            let part = self.rest.len().min(self.size - block.len());
            block.extend_from_slice(&self.rest.split_to(part));
        }
        (!block.is_empty()).then(|| Ok(block.freeze()))
    }
}

/// Gathers what an encoder writes into blocks and sends them.
struct Blocks<'a> {
    block: Vec<u8>,
    send: Send<'a>,
}

impl<'a> Blocks<'a> {
    fn new(send: Send<'a>) -> Self {
        Self {
            block: Vec::with_capacity(BLOCK),
            send,
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()
    }
}

impl Write for Blocks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= BLOCK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        (self.send)(block.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(content: &[u8], chunk: usize, encoding: Encoding) -> Vec<u8> {
        let chunks: Vec<_> = content.chunks(chunk).map(Bytes::copy_from_slice).collect();
        let mut out = Vec::new();
        let mut send = |bytes: Bytes| {
            out.extend_from_slice(&bytes);
            Ok(())
        };
        let chunks = chunks.into_iter().map(Ok);
        encode(chunks, encoding, &Limits::default(), &mut send).expect("encode");
        out
    }

    #[test]
    fn the_same_content_gives_the_same_bytes_however_it_arrives() {
        let words = (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 % 16);
        let content: Vec<u8> = words.collect();
        for encoding in [Encoding::Plain, Encoding::Gzip, Encoding::Zstd] {
            let whole = encoded(&content, content.len(), encoding);
            assert_eq!(whole, encoded(&content, 1000, encoding), "{encoding:?}");
            // The same when the input has any other encoding.
            for other in [Encoding::Gzip, Encoding::Zstd] {
                let coded = encoded(&content, 77, other);
                assert_eq!(
                    whole,
                    encoded(&coded, 500, encoding),
                    "{other:?} to {encoding:?}"
                );
            }
            assert_eq!(encoded(&whole, 999, Encoding::Plain), content);
        }
    }

    #[test]
    fn blocks_of_gzip_are_one_stream() {
        let noise = (0..3_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8);
        let noise: Vec<u8> = noise.collect();
        for size in [
            0,
            1,
            gzip::BLOCK - 1,
            gzip::BLOCK,
            gzip::BLOCK + 1,
            noise.len(),
        ] {
            let content = &noise[..size];
            let coded = encoded(content, 100_000, Encoding::Gzip);
            // One member, as every reader of gzip knows it.
            let mut decoder = flate2::read::GzDecoder::new(&coded[..]);
            let mut decoded = Vec::new();
            io::Read::read_to_end(&mut decoder, &mut decoded).expect("gzip");
            assert!(decoded == content, "{size}");
            assert!(decoder.into_inner().is_empty(), "nothing follows it");
        }
    }
}
