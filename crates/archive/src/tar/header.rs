use super::BLOCK;
use super::extension::Extensions;

/// What a tar entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file: its bytes follow.
    File,
    /// Another name for an entry of the same archive.
    HardLink,
    /// A symbolic link.
    SymLink,
    /// A folder, device or pipe: nothing follows.
    Other,
}

/// One entry, its extensions applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// Bytes that follow in the archive, padding not counted.
    pub(crate) size: u64,
    block: Box<[u8; BLOCK]>,
    extensions: Extensions,
}

impl Entry {
    pub(super) fn new(block: &[u8; BLOCK], extensions: Extensions) -> Result<Self, &'static str> {
        let flag = type_flag(block);
        let mut size = match extensions.size {
            Some(size) => size,
            None => size(block)?,
        };
        let kind = match flag {
            b'1' => Kind::HardLink,
            b'2' => Kind::SymLink,
            b'3'..=b'6' => Kind::Other,
            _ => Kind::File,
        };
        if kind != Kind::File {
            size = 0;
        }
        let mut entry = Self {
            kind,
            size,
            block: Box::new(*block),
            extensions,
        };
        // Before POSIX a folder was a file whose name ends in a slash.
        if flag == 0 && entry.path().ends_with('/') {
            entry.kind = Kind::Other;
            entry.size = 0;
        }
        Ok(entry)
    }

    /// The name as it is written, bytes that are no UTF-8 replaced.
    pub(crate) fn path(&self) -> String {
        if let Some(path) = &self.extensions.path {
            return lossy(path);
        }
        let name = until_nul(&self.block[..100]);
        let prefix = until_nul(&self.block[345..500]);
        // GNU headers keep times and sparse maps where POSIX ones keep the prefix.
        let posix = &self.block[257..263] == b"ustar\0";
        if posix && !prefix.is_empty() {
            return format!("{}/{}", lossy(prefix), lossy(name));
        }
        lossy(name)
    }

    /// What a link points to, as it is written.
    pub(crate) fn link(&self) -> String {
        match &self.extensions.link {
            Some(link) => lossy(link),
            None => lossy(until_nul(&self.block[157..257])),
        }
    }
}

pub(super) fn type_flag(block: &[u8; BLOCK]) -> u8 {
    block[156]
}

pub(super) fn size(block: &[u8; BLOCK]) -> Result<u64, &'static str> {
    number(&block[124..136])
}

/// Whether a sparse map goes on in the block after a GNU sparse header.
pub(super) fn sparse_continues(block: &[u8; BLOCK]) -> bool {
    block[482] != 0
}

/// Whether the checksum fits, computed with unsigned bytes as POSIX says or with signed ones as
/// old Sun tars did.
pub(super) fn checksum_fits(block: &[u8; BLOCK]) -> bool {
    let Ok(expected) = number(&block[148..156]) else {
        return false;
    };
    let (mut unsigned, mut signed) = (0i64, 0i64);
    for (place, byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&place) {
            b' '
        } else {
            *byte
        };
        unsigned += i64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    i64::try_from(expected).is_ok_and(|expected| expected == unsigned || expected == signed)
}

/// A numeric field: octal text, or with the high bit set a big-endian number (GNU).
fn number(field: &[u8]) -> Result<u64, &'static str> {
    if field[0] & 0x80 != 0 {
        if field[0] & 0x40 != 0 {
            return Err("negative number");
        }
        let mut value = u64::from(field[0] & 0x3f);
        for byte in &field[1..] {
            if value >> 56 != 0 {
                return Err("number too large");
            }
            value = value << 8 | u64::from(*byte);
        }
        return Ok(value);
    }
    let digits = field.trim_ascii_start();
    let digits = until_nul(digits).trim_ascii();
    let mut value = 0u64;
    for digit in digits {
        if !(b'0'..=b'7').contains(digit) {
            return Err("a number that is not octal");
        }
        value = value << 3 | u64::from(digit - b'0');
    }
    Ok(value)
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (field, value) in [
            (&b"00000000017\0"[..], Ok(15)),
            (b"         17 ", Ok(15)),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0", Ok(0)),
            (b"            ", Ok(0)),
            (b"777777777777", Ok(0o777_777_777_777)),
            (b"0000000008\0\0", Err("a number that is not octal")),
            (b"-0000000001\0", Err("a number that is not octal")),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Ok(1 << 33)),
            (
                b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                Err("negative number"),
            ),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", Err("number too large")),
        ] {
            assert_eq!(number(field), value, "{field:?}");
        }
    }
}
