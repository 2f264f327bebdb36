//! TLS settings of client connections.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::verifier::{AnyCertificate, AnyName};
use crate::{Error, Identity};

/// What is required of a server's certificate.
#[derive(Debug, Clone)]
pub enum ServerVerification {
    /// Any certificate. The connection is encrypted, but the server is not authenticated.
    None,
    /// A certificate that one of these authorities signed, for any host.
    Issuer(RootCertStore),
    /// A certificate that one of these authorities signed, for the host.
    IssuerAndName(RootCertStore),
}

/// TLS settings of client connections.
#[derive(Debug)]
pub struct Client {
    /// What is required of the server's certificate.
    pub verification: ServerVerification,
    /// What is presented to a server that asks for a client certificate.
    pub identity: Option<Identity>,
    /// The application's protocol (ALPN).
    pub protocol: &'static str,
}

impl Client {
    /// The settings as rustls takes them: TLS 1.2 and 1.3, with ring's cryptography.
    ///
    /// # Errors
    /// [`Error::Identity`] when certificate and key are not usable together.
    pub fn into_config(self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(Error::Versions)?;
        let builder = match self.verification {
            ServerVerification::None => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate::new(provider))),
            ServerVerification::Issuer(roots) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyName::new(provider, roots))),
            ServerVerification::IssuerAndName(roots) => builder.with_root_certificates(roots),
        };
        let mut config = match self.identity {
            Some(Identity { chain, key }) => builder
                .with_client_auth_cert(chain, key)
                .map_err(Error::Identity)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![self.protocol.as_bytes().to_vec()];
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(of: &rcgen::Certificate, key: &rcgen::KeyPair) -> Identity {
        Identity {
            chain: vec![of.der().clone()],
            key: rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    fn client(identity: Identity) -> Client {
        Client {
            verification: ServerVerification::None,
            identity: Some(identity),
            protocol: "http/1.1",
        }
    }

    #[test]
    fn a_certificate_has_its_own_key() {
        let [one, two] = ["one", "two"].map(|name| {
            rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate")
        });
        let config = client(identity(&one.cert, &one.signing_key)).into_config();
        assert_eq!(config.expect("settings").alpn_protocols, [b"http/1.1"]);
        let error = client(identity(&one.cert, &two.signing_key)).into_config();
        let text = error.expect_err("another key").to_string();
        assert!(text.starts_with("the client certificate: "), "{text}");
    }
}
