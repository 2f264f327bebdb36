//! PgBouncer in front of a server.

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::port::Port;
use super::setup::{PASSWORD, USER, give};
use super::{Postgres, process, programs};
use crate::log::Log;
use crate::tool::Tool;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sessions of the server for all clients together.
const SESSIONS: usize = 60;

const PGBOUNCER: Tool = Tool {
    program: "pgbouncer",
    package: "pgbouncer",
};

/// How long a client keeps a session of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// Until it disconnects.
    Session,
    /// For a transaction.
    Transaction,
}

/// PgBouncer in front of a server. Every client is its superuser.
#[derive(Debug)]
pub struct Pooler {
    port: Port,
    child: Child,
    log: Log,
    _folder: TempDir,
}

impl Pooler {
    /// Starts one, and waits until it listens.
    ///
    /// # Panics
    /// When it is not installed, ends, or stays silent; with its output.
    #[must_use]
    pub fn start(server: &Postgres, mode: PoolMode) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = Port::reserve();
        let configuration = format!(
            "[databases]\n\
             * = host=127.0.0.1 port={} user={USER} password={PASSWORD}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\ndefault_pool_size = {SESSIONS}\n",
            server.address().port(),
            port.number
        );
        let path = folder.path().join("pgbouncer.ini");
        fs::write(&path, configuration).expect("a file in a temporary folder");
        give(folder.path());
        give(&path);
        let mut command = programs::server_command(PGBOUNCER.program, folder.path());
        command
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| PGBOUNCER.is_missing(&error));
        let mut log = Log::default();
        log.follow(child.stderr.take().expect("it is piped"));
        let mut pooler = Self {
            port,
            child,
            log,
            _folder: folder,
        };
        pooler.wait_until_ready();
        pooler
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number).into()
    }

    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address()).is_err() {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                panic!("PgBouncer ended: {status}\n{}", self.log.text());
            }
            assert!(Instant::now() < deadline, "{}", self.log.text());
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        process::kill(&mut self.child);
    }
}

impl fmt::Display for PoolMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "session",
            Self::Transaction => "transaction",
        })
    }
}
