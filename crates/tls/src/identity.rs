//! What this program shows of itself.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with those that sign it, and its key.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, and then each that signed the one before.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key of the first of them.
    pub key: PrivateKeyDer<'static>,
}
