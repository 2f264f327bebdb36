//! A private CA for tests.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

/// A private CA with two certificates: for a server at 127.0.0.1 and for a client. All PEM.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The certificate of the CA itself.
    pub certificate: String,
    /// The certificate for servers at 127.0.0.1.
    pub server: Identity,
    /// The certificate for clients.
    pub client: Identity,
}

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

impl Authority {
    /// A new CA with new keys.
    ///
    /// # Panics
    /// When no key can be made.
    #[must_use]
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("signed").pem();
        let issuer = Issuer::new(params, key);
        Self {
            certificate,
            server: issue(&issuer, "127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth),
            client: issue(&issuer, "client", ExtendedKeyUsagePurpose::ClientAuth),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn issue(issuer: &Issuer<'_, KeyPair>, name: &str, usage: ExtendedKeyUsagePurpose) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.extended_key_usages = vec![usage];
    let certificate = params.signed_by(&key, issuer).expect("signed");
    Identity {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}
