//! A running PostgreSQL server.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::port::Port;
use super::process;
use super::programs;
use super::setup::{PASSWORD, Setup, USER, data};
use crate::log::Log;

/// How long a server may take to start; after a crash it first recovers.
const PATIENCE: Duration = Duration::from_secs(120);

/// A PostgreSQL server with a cluster of its own. Both end when this is dropped.
#[derive(Debug)]
pub struct Postgres {
    port: Port,
    /// `None` while it is stopped or crashed.
    pub(super) running: Option<Running>,
    pub(super) folder: TempDir,
}

#[derive(Debug)]
pub(super) struct Running {
    pub(super) child: Child,
    log: Log,
}

impl Postgres {
    /// Starts one without TLS.
    ///
    /// # Panics
    /// As [`Setup::start`].
    #[must_use]
    pub fn start() -> Self {
        Setup::new().start()
    }

    pub(super) fn start_in(folder: TempDir, port: Port) -> Self {
        let mut postgres = Self {
            port,
            running: None,
            folder,
        };
        postgres.restart();
        postgres
    }

    /// Where it listens, also after a restart.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number).into()
    }

    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, for its superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_through(self.address(), database)
    }

    /// The same through a proxy at `address`.
    #[must_use]
    pub fn url_through(&self, address: SocketAddr, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@{address}/{database}")
    }

    /// Makes a database, empty and with UTF-8.
    ///
    /// # Panics
    /// As [`psql`](Self::psql).
    pub fn create_database(&self, name: &str) {
        self.psql("postgres", &format!(r#"CREATE DATABASE "{name}""#));
    }

    /// The output of psql for `sql` as its superuser: rows as lines, columns with `|` in between.
    /// Several statements are one transaction.
    ///
    /// # Panics
    /// When it fails; with the output of psql and of the server.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        self.try_psql(&self.url(database), sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}\n{}", self.log()))
    }

    /// The same with another URL.
    ///
    /// # Errors
    /// The output of psql when it failed.
    pub fn try_psql(&self, url: &str, sql: &str) -> Result<String, String> {
        let mut psql = programs::command("psql", self.folder.path());
        psql.args(["--no-psqlrc", "--no-password", "--quiet"])
            .args(["--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--command", sql, "--dbname", url]);
        let output = programs::output(&mut psql);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr)),
        }
    }

    /// Its output since its last start, which may lag a moment behind; empty while it does not run.
    #[must_use]
    pub fn log(&self) -> String {
        let running = self.running.as_ref();
        running.map_or_else(String::new, |running| running.log.text())
    }

    /// Stops it in order, but waits for no client: all connections are closed.
    ///
    /// # Panics
    /// When it does not end; with its output.
    pub fn stop(&mut self) {
        if let Some(Running { mut child, log }) = self.running.take()
            && process::end(&mut child, Signal::INT).is_none()
        {
            process::kill(&mut child);
            panic!("PostgreSQL does not stop\n{}", log.whole());
        }
    }

    /// Kills it with all its processes, as if the power were cut.
    ///
    /// # Panics
    /// When one of them does not end.
    pub fn crash(&mut self) {
        if let Some(Running { mut child, .. }) = self.running.take() {
            process::kill(&mut child);
            let lock = data(self.folder.path()).join("postmaster.pid");
            let lock = fs::read_to_string(lock).expect("a killed server leaves it");
            process::free_shared_memory(&lock);
        }
    }

    /// Starts it again on the same port with its data; stops it first if it runs. Waits until it
    /// responds.
    ///
    /// # Panics
    /// When it ends or stays silent; with its output.
    pub fn restart(&mut self) {
        self.stop();
        self.running = Some(spawn(self.folder.path()));
        // Its log reports that before it responds.
        self.psql("postgres", "SELECT 1");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(Running { mut child, .. }) = self.running.take()
            // At once, but it takes its processes and its shared memory with it.
            && process::end(&mut child, Signal::QUIT).is_none()
        {
            process::kill(&mut child);
        }
    }
}

/// Starts the server and waits until its log reports that it is ready.
fn spawn(folder: &Path) -> Running {
    let mut child = programs::server_command("postgres", folder)
        .arg("-D")
        .arg(data(folder))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| programs::POSTGRES.is_missing(&error));
    let mut log = Log::default();
    log.follow(child.stdout.take().expect("a pipe"));
    log.follow(child.stderr.take().expect("a pipe"));
    let deadline = Instant::now() + PATIENCE;
    let ready = |line: &str| line.contains("database system is ready").then_some(());
    while log.wait(Duration::from_millis(100), ready).is_none() {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            panic!("PostgreSQL ended: {status}\n{}", log.whole());
        }
        if Instant::now() >= deadline {
            process::kill(&mut child);
            panic!("PostgreSQL is not ready\n{}", log.whole());
        }
    }
    Running { child, log }
}
