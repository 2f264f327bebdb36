//! Authorities that are trusted.

use std::path::Path;

use rustls::RootCertStore;

use crate::{FileError, FileFault, certificates};

/// The authorities that the system trusts. Blocking. Certificates that cannot be read or parsed are
/// skipped and logged.
pub fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "reading the system's certificates");
    }
    let (added, ignored) = roots.add_parsable_certificates(loaded.certs);
    tracing::debug!(added, ignored, "the system's certificates");
    roots
}

/// The authorities in a PEM file, and no others. Blocking.
///
/// # Errors
/// [`FileError`] as for [`certificates`], and for a certificate that no authority can have.
pub fn file_roots(path: &Path) -> Result<RootCertStore, FileError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        let added = roots.add(certificate);
        added.map_err(|error| FileFault::NoAuthority(error).of(path))?;
    }
    Ok(roots)
}
