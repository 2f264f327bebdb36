use std::path::PathBuf;

use clap::{ArgAction, Args};
use sockerless_engine::{Reference, RegistryConfig};

/// Docker Hub, as references spell it.
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
    /// a client certificate and its key (NAME.cert, NAME.key)
    #[arg(
        long,
        env = "SOCKERLESS_CERTS_DIR",
        value_name = "DIR",
        default_value = "/etc/docker/certs.d"
    )]
    certs_dir: PathBuf,

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

/// A registry as names of images spell it: what is spelled otherwise would never be met.
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

impl RegistryOptions {
    /// What the engine is told.
    pub(crate) fn config(&self) -> RegistryConfig {
        RegistryConfig {
            insecure: self.insecure.clone(),
            certs_dir: Some(self.certs_dir.clone()),
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
