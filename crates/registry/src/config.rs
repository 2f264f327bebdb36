//! The configuration of a client.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::retry::RetryPolicy;
use crate::transport::Proxies;

/// How a [`Client`](crate::Client) behaves. `Config::default()` suits a daemon on a server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Registries, as `HOST` or `HOST:PORT` exactly as in references, that may have an unverifiable
    /// certificate or use plain http. Loopback hosts always may, unless a CA is given for them in
    /// [`Config::certs_dir`].
    pub insecure: Vec<String>,
    /// The folder with one folder per `HOST[:PORT]`: `*.crt` are CAs trusted in addition to the
    /// system's, `NAME.cert` and `NAME.key` a client certificate.
    pub certs_dir: Option<PathBuf>,
    /// The Docker client's configuration file.
    pub docker_config: DockerConfigFile,
    /// Where credential helpers are looked for, in the form of `PATH`; that of the environment if
    /// absent.
    pub helper_path: Option<OsString>,
    /// Proxies; by default those that the environment names.
    pub proxies: Proxies,
    /// The `User-Agent` of every request.
    pub user_agent: String,
    /// How failed requests are retried.
    pub retry: RetryPolicy,
    /// Time limits.
    pub timeouts: Timeouts,
    /// Size limits.
    pub limits: Limits,
}

/// Which Docker configuration file credentials come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DockerConfigFile {
    /// `$DOCKER_CONFIG/config.json`, or else `$HOME/.docker/config.json`; it may be absent.
    #[default]
    FromEnvironment,
    /// This file, which may be absent.
    At(PathBuf),
    /// None: only credentials given by the caller are used.
    Never,
}

/// Time limits. None of them bounds a transfer that makes progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To resolve, connect and do the TLS handshake.
    pub connect: Duration,
    /// Without progress of a body, in either direction.
    pub idle: Duration,
    /// For the head of a reply, once the request is sent.
    pub answer: Duration,
    /// For the reply that ends an upload: registries copy the blob within their store before they
    /// answer, which takes minutes for large ones.
    pub commit: Duration,
    /// For one run of a credential helper.
    pub helper: Duration,
}

/// Size limits of what is read from a registry, in bytes unless noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A manifest or index.
    pub manifest: u64,
    /// The reply of a token server.
    pub token: u64,
    /// The body of an error reply; the rest is not read.
    pub error: u64,
    /// One page of tags.
    pub tags_page: u64,
    /// Number of tags over all pages.
    pub tags: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            insecure: Vec::new(),
            certs_dir: Some(PathBuf::from("/etc/docker/certs.d")),
            docker_config: DockerConfigFile::default(),
            helper_path: None,
            proxies: Proxies::from_environment(),
            user_agent: concat!("sockerless/", env!("CARGO_PKG_VERSION")).to_owned(),
            retry: RetryPolicy::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            answer: Duration::from_secs(60),
            commit: Duration::from_secs(15 * 60),
            helper: Duration::from_secs(10),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest: 8 << 20,
            token: 64 << 10,
            error: 64 << 10,
            tags_page: 8 << 20,
            tags: 200_000,
        }
    }
}
