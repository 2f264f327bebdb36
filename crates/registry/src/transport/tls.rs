//! TLS trust: the system's roots and the folders of `certs.d`.

use std::io;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use sockerless_tls::{Client, Identity, ServerVerification, certificates, private_key};

use crate::error::Fault;

pub(crate) use sockerless_tls::system_roots;

/// The content of a folder `certs.d/HOST[:PORT]`.
#[derive(Debug, Default)]
pub(crate) struct HostCertificates {
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
}

impl HostCertificates {
    /// Reads the folder of `host` in `certs_dir`; a missing folder counts as empty. Blocking.
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
                Some("crt") => found.authorities.extend(certificates(file).map_err(setup)?),
                Some("cert") if found.identity.is_none() => {
                    let key = file.with_extension("key");
                    if !files.contains(&key) {
                        let reason = format!("there is no {} beside it", key.display());
                        return Err(unusable(file, reason));
                    }
                    let key = private_key(&key).map_err(setup)?;
                    let chain = certificates(file).map_err(setup)?;
                    found.identity = Some(Identity { chain, key });
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

    /// Whether there is a CA, so that the host must be verified.
    pub(crate) fn names_authority(&self) -> bool {
        !self.authorities.is_empty()
    }
}

fn unusable(path: &Path, reason: impl std::fmt::Display) -> Fault {
    setup(format!("{}: {reason}", path.display()))
}

fn setup(reason: impl std::fmt::Display) -> Fault {
    Fault::Setup(reason.to_string())
}

/// The TLS settings for one host.
///
/// `also_trusted` are CAs of the registry that named this host.
pub(crate) fn client_config(
    system: &RootCertStore,
    own: HostCertificates,
    also_trusted: &[CertificateDer<'static>],
    verify: bool,
) -> Result<ClientConfig, Fault> {
    let verification = if verify {
        let mut roots = system.clone();
        for authority in own
            .authorities
            .into_iter()
            .chain(also_trusted.iter().cloned())
        {
            roots
                .add(authority)
                .map_err(|error| setup(format!("a CA of certs.d: {error}")))?;
        }
        ServerVerification::IssuerAndName(roots)
    } else {
        // The user configured the registry as insecure.
        ServerVerification::None
    };
    let client = Client {
        verification,
        identity: own.identity,
        protocol: "http/1.1",
    };
    client.into_config().map_err(setup)
}

impl HostCertificates {
    /// The CAs, for hosts that the registry sends its clients to.
    pub(crate) fn authorities(&self) -> Vec<CertificateDer<'static>> {
        self.authorities.clone()
    }
}
