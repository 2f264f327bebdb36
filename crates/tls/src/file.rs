//! Files with certificates and keys.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{FileError, FileFault};

/// Bytes of the largest file of certificates or of a key that is read.
pub const FILE_LIMIT: u64 = 1 << 20;

/// The certificates in a PEM file, at least one. Blocking.
///
/// # Errors
/// [`FileError`] when the file cannot be read, is too large, is malformed or has no certificate.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let bytes = read(path)?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| FileFault::Malformed(error).of(path))?;
    if found.is_empty() {
        return Err(FileFault::Empty.of(path));
    }
    Ok(found)
}

/// The private key in a PEM file, in PKCS#1, PKCS#8 or SEC1. Blocking.
///
/// # Errors
/// [`FileError`] when the file cannot be read, is too large or has no key.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, FileError> {
    PrivateKeyDer::from_pem_slice(&read(path)?)
        .map_err(|error| FileFault::Malformed(error).of(path))
}

fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
        .map_err(|error| FileFault::Unreadable(error).of(path))?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(FileFault::TooLarge.of(path));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.pem");
        std::fs::write(&path, text).unwrap();
        let error = certificates(&path).unwrap_err();
        assert_eq!(error.path, path);
        error.fault.to_string()
    }

    #[test]
    fn what_is_no_file_of_certificates() {
        assert_eq!(message(""), "no certificate in it");
        assert_eq!(message("text\n"), "no certificate in it");
        let large = " ".repeat(usize::try_from(FILE_LIMIT).unwrap() + 1);
        assert_eq!(message(&large), "larger than 1048576 bytes");
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        assert!(message(cut).contains("missing"), "{}", message(cut));
        let error = certificates(Path::new("/nonexistent/file.pem")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("/nonexistent/file.pem: No such file")
        );
    }

    #[test]
    fn certificates_and_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let both = format!("{}{}", cert.pem(), cert.pem());
        let (chain, key) = (folder.path().join("chain"), folder.path().join("key"));
        std::fs::write(&chain, both).unwrap();
        std::fs::write(&key, signing_key.serialize_pem()).unwrap();
        assert_eq!(
            certificates(&chain).unwrap(),
            [cert.der().clone(), cert.der().clone()]
        );
        let found = private_key(&key).unwrap();
        assert_eq!(found.secret_der(), signing_key.serialize_der());
        private_key(&chain).unwrap_err();
        assert!(matches!(
            certificates(&key).unwrap_err().fault,
            FileFault::Empty
        ));
    }
}
