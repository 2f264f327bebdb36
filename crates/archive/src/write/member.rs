use bytes::Bytes;
use sockerless_reference::Digest;
use tar::{EntryType, Header};

use crate::tar::BLOCK;

/// One member of an archive: its header, what it has, and padding to a whole block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Short enough for a header without extensions.
    name: Name,
    content: Content,
}

/// What a member has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing: it is a folder.
    Folder,
    /// These bytes.
    Bytes(Bytes),
    /// The bytes of a blob, which whoever writes the archive has to fetch. Exactly `size` of them:
    /// the header has promised that.
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

/// The two zero blocks behind the last member.
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

    /// What it has.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Bytes that it has, header and padding not counted.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Folder => 0,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Blob { size, .. } => *size,
        }
    }

    /// The header: one block, also for a size that octal digits cannot tell, which GNU's tar
    /// writes as a binary number and every reader in use takes.
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

    /// What follows its bytes up to the next block; may be empty.
    pub fn padding(&self) -> Bytes {
        let length = self.size().wrapping_neg() % BLOCK as u64;
        Bytes::from_static(&ZEROS[..length as usize])
    }
}

/// The name under which an OCI layout keeps a blob.
pub(super) fn blob_name(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
