//! Errors from making TLS settings and from reading their files.

use std::io;
use std::path::{Path, PathBuf};

/// Why settings cannot be made from a client's certificate and key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The provider of cryptography has no version of TLS that is safe.
    #[error("{0}")]
    Versions(rustls::Error),
    /// The client's certificate and key are not usable together.
    #[error("the client certificate: {0}")]
    Identity(rustls::Error),
}

/// Why a file with certificates or a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: FileFault,
}

/// What is wrong with a file of certificates or of a key.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(io::Error),
    /// It is larger than [`FILE_LIMIT`](crate::FILE_LIMIT).
    #[error("larger than {} bytes", crate::FILE_LIMIT)]
    TooLarge,
    /// It is not PEM, or its content does not match its label.
    #[error("{0}")]
    Malformed(rustls::pki_types::pem::Error),
    /// There is no certificate in it.
    #[error("no certificate in it")]
    Empty,
    /// A certificate in it cannot be a certificate authority.
    #[error("{0}")]
    NoAuthority(rustls::Error),
}

impl FileFault {
    /// The fault together with the file it was found in.
    pub(crate) fn of(self, path: &Path) -> FileError {
        FileError {
            path: path.to_owned(),
            fault: self,
        }
    }
}
