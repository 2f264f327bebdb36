//! Options of registries: trust, certificates and credentials.

use std::io;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};
use sockerless_images::{Reference, RegistryConfig};

/// Docker Hub, as in references.
const HUB: &str = "docker.io";

/// Whom to trust among registries.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registries")]
pub(crate) struct RegistryOptions {
    /// A registry that may have an unverifiable certificate or speak plain http, as loopback
    /// always may (repeatable)
    #[arg(
        id = "insecure_registry",
        long = "insecure-registry",
        env = "SOCKERLESS_INSECURE_REGISTRY",
        value_name = "HOST[:PORT]",
        value_delimiter = ',',
        value_parser = host
    )]
    pub(crate) insecure: Vec<String>,

    /// Folder with one folder for each registry, called as names of images begin: its CAs (*.crt),
    /// a client certificate and its key (NAME.cert, NAME.key) [default: /etc/docker/certs.d]
    #[arg(long, env = "SOCKERLESS_CERTS_DIR", value_name = "DIR")]
    certs_dir: Option<PathBuf>,

    /// Let clients that bring no credentials pull and push with those of the daemon's user, which
    /// otherwise serve staging and what the daemon does by itself
    #[arg(
        long,
        env = "SOCKERLESS_SHARE_CREDENTIALS",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        action = ArgAction::Set
    )]
    pub(crate) share_credentials: bool,
}

/// A registry as spelled in image names: any other spelling would never match.
fn host(text: &str) -> Result<String, String> {
    let is_domain = Reference::parse(&format!("{text}/x"))
        .is_ok_and(|name| name.domain() == text && name.path() == "x");
    if !is_domain {
        return Err(
            "give a registry as names of images begin: HOST or HOST:PORT, without scheme and \
             path, such as registry.example.com:5000"
                .into(),
        );
    }
    if text == HUB {
        return Err("Docker Hub is never insecure".into());
    }
    Ok(text.to_owned())
}

/// The default folder of certificates.
const CERTS_DIR: &str = "/etc/docker/certs.d";

impl RegistryOptions {
    /// The folder of certificates of registries.
    pub(crate) fn certs_dir(&self) -> &Path {
        self.certs_dir
            .as_deref()
            .unwrap_or_else(|| Path::new(CERTS_DIR))
    }

    /// What is wrong with the given folder, so that no certificate in it is used.
    pub(crate) fn missing_certs_dir(&self) -> Option<String> {
        let folder = self.certs_dir.as_deref()?;
        let shown = folder.display();
        match std::fs::metadata(folder) {
            Ok(found) if found.is_dir() => None,
            Ok(_) => Some(format!("--certs-dir {shown} is not a folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(format!("--certs-dir {shown} does not exist"))
            }
            Err(error) => Some(format!("--certs-dir {shown} cannot be read: {error}")),
        }
    }

    /// The configuration of registries for the images.
    pub(crate) fn config(&self) -> RegistryConfig {
        RegistryConfig {
            insecure: self.insecure.clone(),
            certs_dir: Some(self.certs_dir().to_owned()),
            ..RegistryConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in [
            "registry.example.com",
            "registry:5000",
            "10.0.0.1:5000",
            "[fd00::1]:5000",
            "localhost",
        ] {
            assert_eq!(host(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "registry",
            "http://registry:5000",
            "registry:5000/path",
            "10.0.0.0/8",
            "registry:port",
            "a b:5000",
            "docker.io",
            "index.docker.io",
        ] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }
}
