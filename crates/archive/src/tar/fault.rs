//! Faults of tar entries that no runtime can unpack.

use std::fmt;

/// Why docker, podman, containerd and umoci cannot unpack an entry of a file system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// It is neither a file, a link, a device, a pipe nor a folder.
    #[error("its type is {}", Type(*.0))]
    Type(u8),
    /// A number in its header is invalid.
    #[error("its header has {0}")]
    Header(&'static str),
    /// It is the root of the file system, but not a folder.
    #[error("it stands for the root folder and is none")]
    Root,
    /// Its name has a component that is longer than any file system allows.
    #[error("a part of its name is longer than 255 bytes")]
    LongName,
    /// It is below a file.
    #[error("it is below {file:?}, which is no folder")]
    BelowFile {
        /// The file.
        file: String,
    },
    /// It is a hard link to something that does not exist when the link is made.
    #[error(
        "it is a hard link to {target:?}, which neither an entry before it nor a lower layer has"
    )]
    LinkToNothing {
        /// The target as written.
        target: String,
    },
    /// It is a hard link to a folder.
    #[error("it is a hard link to {target:?}, which is a folder")]
    LinkToFolder {
        /// The target as written.
        target: String,
    },
    /// It is a symbolic link whose target is empty or too long.
    #[error("it is a symbolic link to a path of {0} bytes: expected 1 to 4095")]
    LinkLength(usize),
    /// An extended attribute is too large or has no name.
    #[error("its extended attribute {name:?} has no name or is too large")]
    Attribute {
        /// The name of the attribute.
        name: String,
    },
}

/// A type flag, with its meaning if known.
struct Type(u8);

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = match self.0 {
            b'S' => "an old GNU sparse file: pack it with tar --format=pax",
            b'V' => "a volume label",
            b'D' => "the listing of a folder in an incremental backup",
            b'M' => "the rest of a file from another volume",
            b'7' => "a contiguous file",
            _ => "unknown",
        };
        write!(f, "'{}' ({meaning})", self.0.escape_ascii())
    }
}
