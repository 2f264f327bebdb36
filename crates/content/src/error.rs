//! Errors of the content store.

use std::io;
use std::path::{Path, PathBuf};

use sockerless_reference::Digest;

/// Why the content store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk or the user's quota is full.
    #[error(
        "no space left on the disk of {folder}: remove images (`docker image prune`, `docker rmi`) \
         or make room there",
        folder = .folder.display()
    )]
    Full {
        /// The folder that the store was opened in.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file system operation failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done: "create", "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A stored blob does not have the digest under which it is kept.
    #[error("blob {expected} is damaged on disk: found {found}")]
    Damaged {
        /// The digest under which it is kept.
        expected: Digest,
        /// The digest of its bytes.
        found: Digest,
    },
    /// There is no such blob.
    #[error("blob {0} is not here")]
    Missing(Digest),
}

impl Error {
    /// Adds the action and the path to an error of the system.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full {
                folder: folder_of(&path),
                source,
            },
            _ => Self::Io {
                action,
                path,
                source,
            },
        }
    }
}

/// The folder of the store that `path` is in.
fn folder_of(path: &Path) -> PathBuf {
    let inside = path
        .ancestors()
        .find(|folder| folder.ends_with("ingest") || folder.ends_with("blobs"));
    let folder = inside.and_then(Path::parent);
    folder.unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_once() {
        for path in [
            "/d/content/ingest/.tmpX",
            "/d/content/blobs/sha256/00",
            "/d/content",
        ] {
            let error = Error::io("write", path)(io::ErrorKind::StorageFull.into());
            let text = error.to_string();
            assert!(text.contains("the disk of /d/content: remove"), "{text}");
            assert!(!text.contains(".tmp"), "{text}");
        }
    }
}
