//! Starts and controls a docker-registry.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::Authority;
use crate::http::{Address, Connection, Request, Response};
use crate::log::Log;
use crate::tool::DOCKER_REGISTRY;

/// How long a registry may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// The user of registries with a password.
pub const USER: &str = "staging-user";

/// The password of [`USER`].
pub const PASSWORD: &str = "correct-horse-battery";

/// bcrypt of [`PASSWORD`], at its cheapest.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuupOWRSKKNe562z1DsLEArFuJDHVyRIMa";

/// Every form of manifest, for `Accept`.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.oci.image.index.v1+json, \
                         application/vnd.docker.distribution.manifest.v2+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json";

/// A registry that is not started yet. Without a password over plain http by default.
#[derive(Debug)]
pub struct Setup {
    folder: TempDir,
    http: String,
    auth: String,
}

impl Setup {
    /// An open one.
    ///
    /// # Panics
    /// When no temporary folder can be created.
    #[must_use]
    pub fn open() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            http: String::new(),
            auth: String::new(),
        }
    }

    /// Requires [`USER`] and [`PASSWORD`].
    #[must_use]
    pub fn with_password(mut self) -> Self {
        let file = self.file("htpasswd", &format!("{USER}:{HASH}\n"));
        self.auth = format!(
            "auth: {{htpasswd: {{realm: test, path: {}}}}}\n",
            file.display()
        );
        self
    }

    /// Requires a token from `realm`, signed by the key of `certificate` with the issuer `issuer`
    /// for the service `service`.
    #[must_use]
    pub fn with_tokens(mut self, realm: &str, certificate: &str) -> Self {
        let bundle = self.file("bundle.pem", certificate);
        self.auth = format!(
            "auth: {{token: {{realm: '{realm}', service: service, issuer: issuer, rootcertbundle: {}}}}}\n",
            bundle.display()
        );
        self
    }

    /// Uses TLS with the authority's certificate for servers.
    #[must_use]
    pub fn with_tls(mut self, authority: &Authority) -> Self {
        let certificate = self.file("server.pem", &authority.server.certificate);
        let key = self.file("server.key", &authority.server.key);
        self.http = format!(
            "  tls:\n    certificate: {}\n    key: {}\n",
            certificate.display(),
            key.display()
        );
        self
    }

    /// Uses TLS, and requires a client certificate of the authority.
    #[must_use]
    pub fn with_client_certificates(self, authority: &Authority) -> Self {
        let mut setup = self.with_tls(authority);
        let ca = setup.file("ca.pem", &authority.certificate);
        writeln!(setup.http, "    clientcas: [{}]", ca.display()).expect("a string takes all");
        setup
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// When it is not installed, ends, or stays silent; with its output.
    #[must_use]
    pub fn start(self) -> Registry {
        let configuration = self.file(
            "registry.yml",
            &format!(
                "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
                 storage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
                 http:\n  addr: 127.0.0.1:0\n{}{}",
                self.folder.path().join("store").display(),
                self.http,
                self.auth
            ),
        );
        let (child, log, address) = spawn(&configuration);
        Registry {
            _setup: self,
            configuration,
            child,
            log,
            address,
        }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file in a temporary folder");
        path
    }
}

/// A running registry. It and its content end when this is dropped.
#[derive(Debug)]
pub struct Registry {
    _setup: Setup,
    configuration: PathBuf,
    child: Child,
    log: Log,
    address: SocketAddr,
}

impl Registry {
    /// An open one over plain http.
    #[must_use]
    pub fn open() -> Self {
        Setup::open().start()
    }

    /// `HOST:PORT`, as references name it.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, and starts it again with the same content on another port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.end();
        let (child, log, address) = spawn(&self.configuration);
        (self.child, self.log, self.address) = (child, log, address);
    }

    /// Media type and bytes of a manifest; `None` when there is none. For open registries over
    /// plain http.
    ///
    /// # Panics
    /// When it returns anything else.
    #[must_use]
    pub fn manifest(&self, repository: &str, tag_or_digest: &str) -> Option<(String, Vec<u8>)> {
        let path = format!("/v2/{repository}/manifests/{tag_or_digest}");
        let response = self.exchange(&Request::get(&path).header("Accept", MANIFESTS));
        match response.status {
            200 => {
                let media_type = response.header("Content-Type").unwrap_or_default();
                Some((media_type.to_owned(), response.body))
            }
            404 => None,
            status => panic!("{path}: {status} {}", response.text()),
        }
    }

    /// The bytes of a blob; `None` when there is none. For open registries over plain http.
    ///
    /// # Panics
    /// When it returns anything else.
    #[must_use]
    pub fn blob(&self, repository: &str, digest: &str) -> Option<Vec<u8>> {
        let path = format!("/v2/{repository}/blobs/{digest}");
        let response = self.exchange(&Request::get(&path));
        match response.status {
            200 => Some(response.body),
            404 => None,
            status => panic!("{path}: {status} {}", response.text()),
        }
    }

    /// The tags of a repository; none when there is no such repository. For open registries over
    /// plain http.
    ///
    /// # Panics
    /// When it returns anything else.
    #[must_use]
    pub fn tags(&self, repository: &str) -> Vec<String> {
        let path = format!("/v2/{repository}/tags/list");
        let response = self.exchange(&Request::get(&path));
        if response.status == 404 {
            return Vec::new();
        }
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        let tags = response.json()["tags"].clone();
        let tags = tags.as_array().into_iter().flatten();
        tags.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Sends one request over plain http.
    ///
    /// # Panics
    /// When there is no complete response; with its output.
    #[must_use]
    pub fn exchange(&self, request: &Request) -> Response {
        Connection::open(&Address::Tcp(self.address))
            .and_then(|mut connection| connection.exchange(request))
            .unwrap_or_else(|error| panic!("{request:.200?}: {error}\n{}", self.log.text()))
    }

    fn end(&mut self) {
        // It may have ended already; then there is nothing to end.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(configuration: &Path) -> (Child, Log, SocketAddr) {
    let mut child = DOCKER_REGISTRY
        .command()
        .arg("serve")
        .arg(configuration)
        .env("OTEL_TRACES_EXPORTER", "none")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| DOCKER_REGISTRY.is_missing(&error));
    let mut log = Log::default();
    log.follow(child.stdout.take().expect("a pipe"));
    log.follow(child.stderr.take().expect("a pipe"));
    let address = log.wait(PATIENCE, |line| {
        let (_, rest) = line.split_once("listening on ")?;
        let end = rest.find(|end: char| !end.is_ascii_digit() && !".:".contains(end));
        rest[..end.unwrap_or(rest.len())].parse().ok()
    });
    let Some(address) = address else {
        let _ended = child.kill();
        panic!("the registry does not listen\n{}", log.whole());
    };
    (child, log, address)
}
