//! The four compressions of an archive or a layer.

use std::io::{Read as _, Write as _};

/// A compression that a load must understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz with its CRC64.
    Xz,
    /// Zstandard with a checksum.
    Zstd,
}

impl Compression {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Bzip2, Self::Xz, Self::Zstd];

    /// Compresses `bytes` as one member, stream or frame.
    #[must_use]
    pub fn compress(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Gzip => gzip(bytes),
            Self::Bzip2 => bzip2(bytes),
            Self::Xz => xz(bytes),
            Self::Zstd => zstd(bytes),
        }
    }
}

/// One gzip member, without a time or a name.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}

/// One bzip2 stream.
#[must_use]
pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    writer.write_all(bytes).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}

/// One xz stream.
#[must_use]
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 1);
    writer.write_all(bytes).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}

/// One zstd frame that carries a checksum of its content.
#[must_use]
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ::zstd::stream::write::Encoder::new(Vec::new(), 3).expect("a valid level");
    writer
        .include_checksum(true)
        .expect("a checksum is always possible");
    writer.write_all(bytes).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}

/// `bytes` in several members, streams or frames, one after the other, split at odd places.
#[must_use]
pub fn in_parts(compression: Compression, bytes: &[u8], parts: usize) -> Vec<u8> {
    let step = bytes.len().div_ceil(parts).max(1);
    bytes
        .chunks(step)
        .flat_map(|part| compression.compress(part))
        .collect()
}

/// A zstd frame that decoders skip.
///
/// # Panics
/// When `content` has 4 GiB or more.
#[must_use]
pub fn zstd_skippable(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a skippable frame is below 4 GiB");
    let mut frame = 0x184D_2A50_u32.to_le_bytes().to_vec();
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(content);
    frame
}

/// The decompressed content of `bytes`, a file of zstd frames.
///
/// # Panics
/// When it is not one.
#[must_use]
pub fn unzstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::stream::decode_all(bytes).expect("zstd frames")
}

/// The decompressed content of `bytes`, a file of gzip members.
///
/// # Panics
/// When it is not one.
#[must_use]
pub fn ungzip(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .read_to_end(&mut content)
        .expect("gzip members");
    content
}

/// One zstd frame whose window is `1 << window_log` bytes.
///
/// # Panics
/// When zstd does not support this window.
#[must_use]
pub fn zstd_with_window(bytes: &[u8], window_log: u32) -> Vec<u8> {
    let mut writer = ::zstd::stream::write::Encoder::new(Vec::new(), 1).expect("a valid level");
    writer.window_log(window_log).expect("a valid window");
    writer
        .long_distance_matching(true)
        .expect("a valid parameter");
    writer.write_all(bytes).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}

/// One xz stream whose decoder needs a dictionary of `bytes_of_dictionary` bytes; `xz -9` needs 64
/// MiB.
///
/// # Panics
/// When xz does not support this dictionary.
#[must_use]
pub fn xz_with_dictionary(bytes: &[u8], bytes_of_dictionary: u32) -> Vec<u8> {
    let mut options = liblzma::stream::LzmaOptions::new_preset(0).expect("a valid preset");
    options.dict_size(bytes_of_dictionary);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    let stream =
        liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc64)
            .expect("a valid dictionary");
    let mut writer = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    writer.write_all(bytes).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}
