//! Encoders, for tests.

use std::io::Write;

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("encode");
    encoder.finish().expect("encode")
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("encode");
    encoder.finish().expect("encode")
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    xz_preset(bytes, 1)
}

/// As `xz -PRESET`: 9 needs a window of 64 MiB.
pub(crate) fn xz_preset(bytes: &[u8], preset: u32) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), preset);
    encoder.write_all(bytes).expect("encode");
    encoder.finish().expect("encode")
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("encoder");
    encoder.include_checksum(true).expect("checksum");
    encoder.write_all(bytes).expect("encode");
    encoder.finish().expect("encode")
}

pub(crate) type Encoder = fn(&[u8]) -> Vec<u8>;

pub(crate) const ENCODERS: [Encoder; 4] = [gzip, bzip2, xz, zstd];
