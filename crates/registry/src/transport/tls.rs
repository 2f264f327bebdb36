//! Whom to trust: the system's roots and the folders of `certs.d`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::Fault;

/// Largest file of `certs.d` that is read.
const FILE_LIMIT: u64 = 1 << 20;

/// What a folder `certs.d/HOST[:PORT]` says.
#[derive(Debug, Default)]
pub(crate) struct HostCertificates {
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl HostCertificates {
    /// Reads the folder of `host` in `certs_dir`; a folder that does not exist says nothing.
    /// Blocking.
    pub(crate) fn load(certs_dir: &Path, host: &str) -> Result<Self, Fault> {
        let folder = certs_dir.join(host);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unusable(&folder, error)),
        };
        let mut files = Vec::<PathBuf>::new();
        for entry in entries {
            files.push(entry.map_err(|error| unusable(&folder, error))?.path());
        }
        files.sort();

        let mut found = Self::default();
        for file in &files {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("crt") => found.authorities.extend(certificates(file)?),
                Some("cert") if found.identity.is_none() => {
                    let key = file.with_extension("key");
                    if !files.contains(&key) {
                        let reason = format!("there is no {} beside it", key.display());
                        return Err(unusable(file, reason));
                    }
                    let parsed = PrivateKeyDer::from_pem_slice(&read(&key)?)
                        .map_err(|error| unusable(&key, error))?;
                    found.identity = Some((certificates(file)?, parsed));
                }
                Some("key") if !files.contains(&file.with_extension("cert")) => {
                    let certificate = file.with_extension("cert");
                    let reason = format!("there is no {} beside it", certificate.display());
                    return Err(unusable(file, reason));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Whether a CA is named, which makes a host one to be verified.
    pub(crate) fn names_authority(&self) -> bool {
        !self.authorities.is_empty()
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    use io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
        .map_err(|error| unusable(file, error))?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(unusable(file, format!("larger than {FILE_LIMIT} bytes")));
    }
    Ok(bytes)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(&read(file)?)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(file, error))?;
    if found.is_empty() {
        return Err(unusable(file, "no certificate in it"));
    }
    Ok(found)
}

fn unusable(path: &Path, reason: impl std::fmt::Display) -> Fault {
    Fault::Setup(format!("{}: {reason}", path.display()))
}

/// The system's trusted roots. Blocking. What cannot be parsed is left out, as everywhere.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "reading the system's certificates");
    }
    let (added, ignored) = roots.add_parsable_certificates(loaded.certs);
    tracing::debug!(added, ignored, "the system's certificates");
    roots
}

/// How to shake hands with one host.
///
/// `also_trusted` are CAs of the registry that sent us to this host.
pub(crate) fn client_config(
    system: &RootCertStore,
    own: HostCertificates,
    also_trusted: &[CertificateDer<'static>],
    verify: bool,
) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::Setup(error.to_string()))?;
    let builder = if verify {
        let mut roots = system.clone();
        for authority in own
            .authorities
            .into_iter()
            .chain(also_trusted.iter().cloned())
        {
            roots
                .add(authority)
                .map_err(|error| Fault::Setup(format!("a CA of certs.d: {error}")))?;
        }
        builder.with_root_certificates(roots)
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unverified(provider)))
    };
    let mut config = match own.identity {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| Fault::Setup(format!("the client certificate: {error}")))?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl HostCertificates {
    /// The CAs, for hosts that the registry sends its clients to.
    pub(crate) fn authorities(&self) -> Vec<CertificateDer<'static>> {
        self.authorities.clone()
    }
}

/// Takes any certificate: for registries that the user called insecure.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
