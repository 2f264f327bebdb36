//! The configuration of a PostgreSQL server, and its first start.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::port::Port;
use super::programs::{self, NOBODY};
use super::server::Postgres;
use crate::registry::Authority;

/// The superuser of every server.
pub const USER: &str = "postgres";

/// The password of [`USER`], the only way to log in.
pub const PASSWORD: &str = "correct-horse-battery";

/// Settings that are fast in a test and change no guarantee: commits are still synced.
const CONFIGURATION: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = '16MB'
dynamic_shared_memory_type = mmap
fsync = on
synchronous_commit = on
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
";

/// A server that is not started yet.
#[derive(Debug)]
pub struct Setup {
    folder: TempDir,
    lines: String,
    access: &'static str,
}

impl Setup {
    /// One without TLS.
    ///
    /// # Panics
    /// When no temporary folder can be created.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        give(folder.path());
        Self {
            folder,
            lines: String::new(),
            access: "host",
        }
    }

    /// Adds a line to its configuration, after all others: `default_transaction_read_only = on`.
    #[must_use]
    pub fn with_line(mut self, line: &str) -> Self {
        writeln!(self.lines, "{line}").expect("a string takes all");
        self
    }

    /// Uses TLS with the authority's certificate for servers, and refuses clients without TLS.
    #[must_use]
    pub fn with_tls(mut self, authority: &Authority) -> Self {
        let certificate = self.file("server.pem", &authority.server.certificate);
        let key = self.file("server.key", &authority.server.key);
        self.access = "hostssl";
        self.with_line("ssl = on")
            .with_line(&format!("ssl_cert_file = '{}'", certificate.display()))
            .with_line(&format!("ssl_key_file = '{}'", key.display()))
    }

    /// Creates its cluster, starts it and waits until it responds.
    ///
    /// # Panics
    /// When it is not installed, ends, or stays silent; with its output.
    #[must_use]
    pub fn start(self) -> Postgres {
        let port = Port::reserve();
        self.make_cluster(&port);
        Postgres::start_in(self.folder, port)
    }

    fn make_cluster(&self, port: &Port) {
        let password = self.file("password", PASSWORD);
        let data = data(self.folder.path());
        let mut initdb = programs::server_command("initdb", self.folder.path());
        initdb
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password)
            .args(["--username", USER, "--auth=scram-sha-256"])
            // No sync is needed here: a power failure would end the test too.
            .args(["--encoding=UTF8", "--no-locale", "--no-sync"]);
        let output = programs::output(&mut initdb);
        assert!(
            output.status.success(),
            "{initdb:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let configuration = data.join("postgresql.conf");
        append(&configuration, CONFIGURATION);
        append(&configuration, &format!("port = {}\n", port.number));
        append(&configuration, &self.lines);
        let access = format!("{} all all 127.0.0.1/32 scram-sha-256\n", self.access);
        fs::write(data.join("pg_hba.conf"), access).expect("a file in a temporary folder");
    }

    /// A file that only the server may read.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file in a temporary folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its owner's");
        give(&path);
        path
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the cluster is.
pub(super) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Gives it to the user of the server.
pub(super) fn give(path: &Path) {
    if programs::is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root gives away what it likes");
    }
}

fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("a file of the cluster");
}
