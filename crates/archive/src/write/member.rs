//! Members of a written archive: header, content and padding.

use bytes::Bytes;
use sockerless_reference::Digest;
use tar::{EntryType, Header};

use crate::tar::BLOCK;

/// One member of an archive: header, content, and padding to a whole block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Short enough for a header without extensions.
    name: Name,
    content: Content,
}

/// The content of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// None: it is a folder.
    Folder,
    /// These bytes.
    Bytes(Bytes),
    /// The bytes of a blob, which the caller fetches. They must be exactly `size` bytes, as in the
    /// header.
    Blob {
        /// Digest of the blob.
        digest: Digest,
        /// Bytes of the blob.
        size: u64,
    },
}

/// A member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// Of a folder or a document of the layout.
    Fixed(&'static str),
    /// Of a blob.
    Blob(Digest),
}

const ZEROS: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The two zero blocks after the last member.
pub fn end() -> Bytes {
    Bytes::from_static(&ZEROS)
}

impl Member {
    pub(super) fn folder(name: &'static str) -> Self {
        Self {
            name: Name::Fixed(name),
            content: Content::Folder,
        }
    }

    pub(super) fn fixed(name: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self {
            name: Name::Fixed(name),
            content: Content::Bytes(bytes.into()),
        }
    }

    pub(super) fn document(digest: Digest, bytes: Bytes) -> Self {
        Self {
            name: Name::Blob(digest),
            content: Content::Bytes(bytes),
        }
    }

    pub(super) fn blob(digest: Digest, size: u64) -> Self {
        Self {
            name: Name::Blob(digest),
            content: Content::Blob { digest, size },
        }
    }

    /// Its name in the archive.
    pub fn name(&self) -> String {
        match self.name {
            Name::Fixed(name) => name.to_owned(),
            Name::Blob(digest) => blob_name(digest),
        }
    }

    /// Its content.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Bytes of its content, without header and padding.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Folder => 0,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Blob { size, .. } => *size,
        }
    }

    /// The header: one block. A size too large for octal digits is a binary number, as in GNU tar,
    /// which every reader in use accepts.
    pub fn header(&self) -> Bytes {
        let mut header = Header::new_gnu();
        let name = self.name();
        let field = &mut header.as_old_mut().name;
        for (place, byte) in field.iter_mut().zip(name.bytes()) {
            *place = byte;
        }
        let (kind, mode) = match &self.content {
            Content::Folder => (EntryType::Directory, 0o755),
            Content::Bytes(_) | Content::Blob { .. } => (EntryType::Regular, 0o644),
        };
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(self.size());
        header.set_cksum();
        Bytes::copy_from_slice(header.as_bytes())
    }

    /// The padding up to the next block; may be empty.
    pub fn padding(&self) -> Bytes {
        let length = self.size().wrapping_neg() % BLOCK as u64;
        Bytes::from_static(&ZEROS[..length as usize])
    }
}

/// The name of a blob in an OCI layout.
pub(super) fn blob_name(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
