//! Compression formats, detected by their first bytes.

use std::fmt;

/// How data is compressed, by its first bytes: names and media types are not reliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not compressed, by the first bytes.
    None,
    /// RFC 1952.
    Gzip,
    /// bzip2.
    Bzip2,
    /// The .xz format.
    Xz,
    /// RFC 8878, also with a skippable frame first.
    Zstd,
}

/// How many bytes [`Compression::detect`] needs.
pub(crate) const MAGIC_BYTES: usize = 6;

impl Compression {
    /// Detects the compression from the first six bytes, or fewer if there are no more.
    pub fn detect(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_bytes() {
        for (start, compression) in [
            (&b""[..], Compression::None),
            (b"\x1f\x8b", Compression::None),
            (b"\x1f\x8b\x08\0\0\0", Compression::Gzip),
            (b"BZh91A", Compression::Bzip2),
            (b"BZh01A", Compression::None),
            (b"\xfd7zXZ\0", Compression::Xz),
            (b"\x28\xb5\x2f\xfd\x04\0", Compression::Zstd),
            (b"\x50\x2a\x4d\x18\x04\0", Compression::Zstd),
            (b"\x5f\x2a\x4d\x18\x04\0", Compression::Zstd),
            (b"manife", Compression::None),
        ] {
            assert_eq!(Compression::detect(start), compression, "{start:?}");
        }
    }
}
