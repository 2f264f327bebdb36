use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sockerless_testkit::http::{Address, Connection, Request};
use tempfile::TempDir;

use crate::gate::Gate;
use crate::settling::Barriers;

/// How long a daemon may take to start.
const PATIENCE: Duration = Duration::from_secs(120);

/// So little that most layers are in the registry only.
const CACHE: &str = "256KiB";

/// One of several daemons, which may be killed and started again. Its connections to the database
/// go through a gate of its own.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) gate: Gate,
    pub(crate) barriers: Barriers,
    address: Address,
    binary: PathBuf,
    arguments: Vec<String>,
    log: PathBuf,
    child: Mutex<Option<Child>>,
    _folder: TempDir,
}

impl Replica {
    /// One that is not started yet. `state` makes the database's URL from an address.
    pub(crate) fn new(
        binary: &Path,
        log: PathBuf,
        postgres: SocketAddr,
        state: impl FnOnce(SocketAddr) -> String,
        staging: &str,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("sockerless.sock");
        let gate = Gate::open(postgres);
        let arguments = [
            "serve",
            "-H",
            &format!("unix://{}", socket.display()),
            "--data-root",
            &folder.path().join("data").display().to_string(),
            "--state",
            &state(gate.address()),
            "--staging",
            staging,
            "--content-cache-size",
            CACHE,
        ];
        Self {
            arguments: arguments.map(str::to_owned).to_vec(),
            gate,
            barriers: Barriers::default(),
            address: Address::Unix(socket),
            binary: binary.to_owned(),
            log,
            child: Mutex::default(),
            _folder: folder,
        }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Starts it, and waits until it responds.
    ///
    /// # Panics
    /// When it does not.
    pub(crate) fn start(&self) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        let log: File = log.expect("a file for the log");
        let child = Command::new(&self.binary)
            .args(&self.arguments)
            .env_clear()
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle"))
            .stderr(log)
            .spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()));
        let deadline = Instant::now() + PATIENCE;
        while !self.answers() {
            let ended = child.try_wait().expect("a child can be waited for");
            let log = self.log.display();
            assert!(ended.is_none(), "a daemon ended: {ended:?}, see {log}");
            assert!(Instant::now() < deadline, "a daemon is silent, see {log}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        *self.child() = Some(child);
    }

    /// Kills it, and waits until none of its operations can still be done.
    pub(crate) fn kill(&self) {
        self.barriers.begin();
        self.end();
        self.gate.cut();
        self.barriers.pass();
    }

    /// Closes its connections to the database, and waits until none of their operations can still
    /// be done.
    pub(crate) fn cut(&self) {
        self.barriers.begin();
        self.gate.cut();
        self.barriers.pass();
    }

    fn answers(&self) -> bool {
        let ping = Request::get("/_ping");
        let answer = Connection::open(&self.address).and_then(|mut it| it.exchange(&ping));
        answer.is_ok_and(|response| response.status == 200)
    }

    fn end(&self) {
        if let Some(mut child) = self.child().take() {
            // It may have ended already.
            let _ended = child.kill();
            let _status = child.wait();
        }
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.end();
    }
}
