use std::io;
use std::path::PathBuf;

use sockerless_reference::Digest;

/// Why the content store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done: "create", "write".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A blob that is here does not have the digest under which it is kept.
    #[error("blob {expected} is damaged on disk: found {found}")]
    Damaged {
        /// The digest under which it is kept.
        expected: Digest,
        /// The digest of its bytes.
        found: Digest,
    },
    /// No such blob is here.
    #[error("blob {0} is not here")]
    Missing(Digest),
}

impl Error {
    /// Says what was being done, on which path, when the system refused.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
