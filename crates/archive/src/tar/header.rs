//! Tar headers and the entries they describe, with extensions applied.

use super::extension::{Extensions, SparseForm};
use super::{BLOCK, number};

/// The type of a tar entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A file: its bytes follow.
    File,
    /// Another name for an earlier entry.
    HardLink,
    /// A symbolic link.
    SymLink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A folder.
    Directory,
    /// A named pipe.
    Fifo,
    /// A sparse file as GNU tar wrote it before PAX: its bytes follow without the holes.
    OldSparse,
    /// Anything else, by its type flag. Bytes may follow.
    Other(u8),
}

impl EntryKind {
    fn of(flag: u8) -> Self {
        match flag {
            0 | b'0' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::SymLink,
            b'3' => Self::CharDevice,
            b'4' => Self::BlockDevice,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            b'S' => Self::OldSparse,
            other => Self::Other(other),
        }
    }

    fn has_data(self) -> bool {
        matches!(self, Self::File | Self::OldSparse | Self::Other(_))
    }
}

/// One entry, its extensions applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    /// Size of the file, including holes.
    pub(crate) size: u64,
    /// Bytes that follow in the archive, without padding.
    pub(super) stored: u64,
    block: Box<[u8; BLOCK]>,
    extensions: Extensions,
}

/// Owner, permissions and other metadata of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Permission bits.
    pub(crate) mode: i64,
    /// User ID of the owner.
    pub(crate) uid: i64,
    /// Group ID.
    pub(crate) gid: i64,
    /// Seconds since 1970, and nanoseconds.
    pub(crate) mtime: (i64, u32),
    /// Major and minor number of a device.
    pub(crate) device: (i64, i64),
}

impl Entry {
    /// The entry, and the location of its map if it is sparse.
    pub(super) fn new(
        block: &[u8; BLOCK],
        extensions: Extensions,
    ) -> Result<(Self, Option<SparseForm>), &'static str> {
        let flag = type_flag(block);
        let records = extensions.records.as_deref();
        let size = match records.and_then(|records| records.size) {
            Some(size) => u64::try_from(size).map_err(|_| "a negative size")?,
            None => size(block)?,
        };
        let kind = EntryKind::of(flag);
        let sparse = match (kind, records) {
            (EntryKind::OldSparse, _) | (_, None) => None,
            (_, Some(records)) => records.sparse_form()?,
        };
        if sparse.is_some() && !kind.has_data() {
            return Err("a sparse map of something that is no file");
        }
        let stored = if kind.has_data() { size } else { 0 };
        let logical = match (&sparse, records) {
            (Some(_), Some(records)) => records.sparse_size()?.unwrap_or(stored),
            _ => stored,
        };
        let mut entry = Self {
            kind,
            size: logical,
            stored,
            block: Box::new(*block),
            extensions,
        };
        // Before POSIX a folder was a file whose name ends in a slash.
        if flag == 0 && entry.name().ends_with(b"/") {
            entry.kind = EntryKind::Directory;
            (entry.size, entry.stored) = (0, 0);
        }
        Ok((entry, sparse))
    }

    /// The name as written.
    pub(crate) fn name(&self) -> Vec<u8> {
        if let Some(path) = self.extensions.path() {
            return path.to_vec();
        }
        let name = until_nul(&self.block[..100]);
        let prefix = match self.format() {
            // It has times after a shorter prefix.
            Format::Star => until_nul(&self.block[345..476]),
            Format::Posix => until_nul(&self.block[345..500]),
            // GNU headers have times and sparse maps where POSIX ones have the prefix.
            Format::Gnu | Format::Old => &[],
        };
        match prefix.is_empty() {
            true => name.to_vec(),
            false => [prefix, name].join(&b'/'),
        }
    }

    /// The name, with invalid UTF-8 replaced.
    pub(crate) fn path(&self) -> String {
        String::from_utf8_lossy(&self.name()).into_owned()
    }

    /// The link target as written.
    pub(crate) fn target(&self) -> &[u8] {
        match self.extensions.link() {
            Some(link) => link,
            None => until_nul(&self.block[157..257]),
        }
    }

    /// The link target, with invalid UTF-8 replaced.
    pub(crate) fn link(&self) -> String {
        String::from_utf8_lossy(self.target()).into_owned()
    }

    /// The numbers in the header, overridden by those of records. An invalid number in the header
    /// is an error even if overridden.
    pub(crate) fn attributes(&self) -> Result<Attributes, &'static str> {
        let field = |from: usize, to: usize| number::field(&self.block[from..to]);
        let records = self.extensions.records.as_deref();
        let (uid, gid, seconds) = (field(108, 116)?, field(116, 124)?, field(136, 148)?);
        let device = match self.format() {
            Format::Old => (0, 0),
            _ => (field(329, 337)?, field(337, 345)?),
        };
        Ok(Attributes {
            mode: field(100, 108)?,
            uid: records.and_then(|it| it.uid).unwrap_or(uid),
            gid: records.and_then(|it| it.gid).unwrap_or(gid),
            mtime: records.and_then(|it| it.mtime).unwrap_or((seconds, 0)),
            device,
        })
    }

    /// Names and values of the extended attributes.
    pub(crate) fn xattrs(&self) -> &[(Vec<u8>, Vec<u8>)] {
        let records = self.extensions.records.as_deref();
        records.map_or(&[], |records| &records.xattrs)
    }

    fn format(&self) -> Format {
        match &self.block[257..265] {
            b"ustar  \0" => Format::Gnu,
            magic if !magic.starts_with(b"ustar\0") => Format::Old,
            _ if &self.block[508..] == b"tar\0" => Format::Star,
            _ => Format::Posix,
        }
    }
}

/// The layout of a header beyond the common fields.
enum Format {
    Old,
    Posix,
    Star,
    Gnu,
}

pub(super) fn type_flag(block: &[u8; BLOCK]) -> u8 {
    block[156]
}

/// The name in the header itself.
pub(super) fn short_name(block: &[u8; BLOCK]) -> String {
    String::from_utf8_lossy(until_nul(&block[..100])).into_owned()
}

pub(super) fn size(block: &[u8; BLOCK]) -> Result<u64, &'static str> {
    number::count(&block[124..136])
}

/// Whether a sparse map continues in the block after a GNU sparse header.
pub(super) fn sparse_continues(block: &[u8; BLOCK]) -> bool {
    block[482] != 0
}

/// Whether the checksum matches, computed with unsigned bytes as POSIX says or with signed ones as
/// old Sun tars did.
pub(super) fn checksum_fits(block: &[u8; BLOCK]) -> bool {
    let Ok(expected) = number::field(&block[148..156]) else {
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
    expected == unsigned || expected == signed
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o4755);
        header.set_uid(1000);
        header.set_gid(1001);
        header.set_mtime(7);
        header.set_size(0);
        header.set_device_major(8).expect("ustar");
        header.set_device_minor(1).expect("ustar");
        let entry = |block: &[u8; BLOCK], extensions: Extensions| {
            Entry::new(block, extensions).expect("an entry").0
        };
        let plain = Attributes {
            mode: 0o4755,
            uid: 1000,
            gid: 1001,
            mtime: (7, 0),
            device: (8, 1),
        };
        let block = header.as_bytes();
        assert_eq!(entry(block, Extensions::default()).attributes(), Ok(plain));
        let records = super::super::extension::Records::parse(
            b"16 uid=99999999\n13 mtime=1.5\n27 SCHILY.xattr.user.a=xyz\n",
        );
        let extensions = Extensions {
            records: Some(Box::new(records.expect("records"))),
            ..Extensions::default()
        };
        let extended = entry(block, extensions);
        let expected = Attributes {
            uid: 99_999_999,
            mtime: (1, 500_000_000),
            ..plain
        };
        assert_eq!(extended.attributes(), Ok(expected));
        assert_eq!(extended.xattrs(), [(b"user.a".to_vec(), b"xyz".to_vec())]);
        for place in [100, 108, 116, 136, 329, 337] {
            let mut block = *block;
            block[place] = b'z';
            let broken = entry(&block, Extensions::default());
            assert!(broken.attributes().is_err(), "at {place}");
            block[257..265].fill(0);
            let old = entry(&block, Extensions::default());
            assert_eq!(old.attributes().is_ok(), place >= 329, "at {place}");
        }
    }

    #[test]
    fn the_prefix_of_each_format() {
        let mut block = *tar::Header::new_ustar().as_bytes();
        block[..4].copy_from_slice(b"name");
        block[345..351].copy_from_slice(b"prefix");
        block[476] = b'1';
        for (magic, trailer, name) in [
            (&b"ustar\x0000"[..], &b"\0\0\0\0"[..], "prefix/name"),
            (b"ustar\x0000", b"tar\0", "prefix/name"),
            (b"ustar  \0", b"\0\0\0\0", "name"),
            (b"\0\0\0\0\0\0\0\0", b"\0\0\0\0", "name"),
        ] {
            block[257..265].copy_from_slice(magic);
            block[508..].copy_from_slice(trailer);
            let (entry, _) = Entry::new(&block, Extensions::default()).expect("an entry");
            assert_eq!(entry.path(), name, "{magic:?}");
        }
    }
}
