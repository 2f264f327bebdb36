//! Starts, controls and ends a daemon.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::http::{Address, Connection, Request, Response, Sent};
use crate::log::Log;

/// How long a daemon may take to start, to stop, or to do what a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a daemon keeps state and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// State in memory, content discarded.
    Memory,
    /// State in SQLite, content kept.
    Sqlite,
}

impl Backend {
    fn arguments(self) -> [&'static str; 4] {
        match self {
            Self::Memory => ["--state", "memory", "--content", "discard"],
            Self::Sqlite => ["--state", "sqlite", "--content", "keep"],
        }
    }
}

/// A daemon that is not started yet.
#[derive(Debug)]
pub struct Launch {
    binary: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: TempDir,
}

impl Launch {
    /// `binary serve` on a Unix socket in a folder of its own.
    ///
    /// # Panics
    /// When no temporary folder can be created.
    #[must_use]
    pub fn new(binary: impl AsRef<Path>, backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("sockerless.sock");
        let mut host = OsString::from("unix://");
        host.push(&socket);
        let mut arguments: Vec<OsString> = vec!["serve".into(), "-H".into(), host];
        arguments.extend([
            "--data-root".into(),
            folder.path().join("data").into_os_string(),
        ]);
        arguments.extend(backend.arguments().map(OsString::from));
        Self {
            binary: binary.as_ref().to_owned(),
            arguments,
            environment: Vec::new(),
            folder,
        }
    }

    /// Another command with the same options: `check`.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        if let Some(first) = self.arguments.first_mut() {
            *first = command.into();
        }
        self
    }

    /// Sets a variable of its environment, which otherwise has only `HOME`, its folder.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// One more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Listens on a free port of 127.0.0.1 too.
    #[must_use]
    pub fn with_tcp(self) -> Self {
        self.argument("-H").argument("tcp://127.0.0.1:0")
    }

    /// The folder that the socket and the data root are in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Uses another data root.
    #[must_use]
    pub fn with_data_root(self, folder: &Path) -> Self {
        self.with("--data-root", folder.as_os_str())
    }

    /// Keeps its state elsewhere: in the database at a URL.
    #[must_use]
    pub fn with_state(self, state: &str) -> Self {
        self.with("--state", state.as_ref())
    }

    /// Another value for an option that it has.
    fn with(mut self, option: &str, value: &OsStr) -> Self {
        let option = self
            .arguments
            .iter()
            .position(|argument| argument == option);
        if let Some(old) = option.and_then(|at| self.arguments.get_mut(at + 1)) {
            *old = value.to_owned();
        }
        self
    }

    /// Starts it and waits until it responds.
    ///
    /// # Panics
    /// When it ends or stays silent; with what it wrote.
    #[must_use]
    pub fn start(self) -> Daemon {
        let (child, log) = self.spawn();
        let mut daemon = Daemon {
            launch: self,
            child,
            log,
        };
        daemon.wait_until_ready();
        daemon
    }

    /// Runs it to its end, for a start that is expected to fail.
    ///
    /// # Panics
    /// When it does not end by itself.
    #[must_use]
    pub fn run(self) -> (ExitStatus, String) {
        self.run_keeping(|_| ())
    }

    /// The same, and then calls `look` with its folder.
    ///
    /// # Panics
    /// When it does not end by itself.
    #[must_use]
    pub fn run_keeping(self, look: impl FnOnce(&Path)) -> (ExitStatus, String) {
        let (child, log) = self.spawn();
        let mut daemon = Daemon {
            launch: self,
            child,
            log,
        };
        let status = daemon.wait();
        look(daemon.launch.folder());
        let log = std::mem::take(&mut daemon.log);
        (status, log.whole())
    }

    fn spawn(&self) -> (Child, Log) {
        let mut command = Command::new(&self.binary);
        command
            .args(&self.arguments)
            .env_clear()
            .env("HOME", self.folder.path());
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut log = Log::default();
        log.follow(child.stdout.take().expect("a pipe"));
        log.follow(child.stderr.take().expect("a pipe"));
        (child, log)
    }
}

/// A running daemon. It ends when this is dropped.
#[derive(Debug)]
pub struct Daemon {
    launch: Launch,
    child: Child,
    log: Log,
}

impl Daemon {
    /// Starts a daemon with only a backend.
    #[must_use]
    pub fn start(binary: impl AsRef<Path>, backend: Backend) -> Self {
        Launch::new(binary, backend).start()
    }

    /// Where its Unix socket is.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.launch.folder.path().join("sockerless.sock")
    }

    /// The same for `docker -H`.
    #[must_use]
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its data root.
    #[must_use]
    pub fn data_root(&self) -> PathBuf {
        self.launch.folder.path().join("data")
    }

    /// The Unix socket as an address.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::Unix(self.socket())
    }

    /// Its TCP address, from its log.
    ///
    /// # Panics
    /// When the log has none.
    #[must_use]
    pub fn tcp_address(&self) -> Address {
        let port = self.log.wait(PATIENCE, |line| {
            let (_, rest) = line.split_once("tcp://127.0.0.1:")?;
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse::<u16>().ok().filter(|port| *port != 0)
        });
        let port = port.unwrap_or_else(|| panic!("no TCP address in the log\n{}", self.log()));
        Address::Tcp(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// A new connection to the Unix socket.
    ///
    /// # Panics
    /// When the daemon accepts none.
    #[must_use]
    pub fn connect(&self) -> Connection {
        Connection::open(&self.address())
            .unwrap_or_else(|error| panic!("no connection: {error}\n{}", self.log()))
    }

    /// Sends one request on a connection of its own.
    ///
    /// # Panics
    /// When there is no complete response; with the daemon's log.
    #[must_use]
    pub fn request(&self, request: &Request) -> Response {
        self.connect()
            .exchange(request)
            .unwrap_or_else(|error| panic!("{request:.200?}: {error}\n{}", self.log()))
    }

    /// `GET target`.
    #[must_use]
    pub fn get(&self, target: &str) -> Response {
        self.request(&Request::get(target))
    }

    /// `POST target` without a body.
    #[must_use]
    pub fn post(&self, target: &str) -> Response {
        self.request(&Request::post(target))
    }

    /// Loads `archive` as the docker CLI does without `-q` in a terminal: `quiet=0`.
    #[must_use]
    pub fn load(&self, archive: &[u8]) -> Response {
        let request = Request::post("/images/load?quiet=0");
        self.request(
            &request
                .header("Content-Type", "application/x-tar")
                .body(archive),
        )
    }

    /// Loads what `write` writes, chunk by chunk.
    ///
    /// # Panics
    /// When there is no complete response; with the daemon's log.
    #[must_use]
    pub fn load_stream(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
    ) -> (Response, Sent) {
        let head = b"POST /images/load?quiet=1 HTTP/1.1\r\nHost: docker\r\n\
                     Transfer-Encoding: chunked\r\n\r\n";
        let sent = self.connect().stream(false, |wire| {
            wire.write_all(head)?;
            write(&mut Chunks(wire))?;
            wire.write_all(b"0\r\n\r\n")
        });
        sent.unwrap_or_else(|error| panic!("no answer: {error}\n{}", self.log()))
    }

    /// What it wrote to standard output and standard error.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until a line of the log satisfies `wanted`.
    ///
    /// # Panics
    /// When none does in time.
    pub fn wait_for_log(&self, wanted: impl Fn(&str) -> bool) {
        let found = self.log.wait(PATIENCE, |line| wanted(line).then_some(()));
        assert!(found.is_some(), "not in the log:\n{}", self.log());
    }

    /// Waits until `count` lines of the log contain these words.
    ///
    /// # Panics
    /// When they do not appear in time.
    pub fn wait_for_lines(&self, words: &str, count: usize) {
        let mut found = 0;
        let all = self.log.wait(PATIENCE, |line| {
            found += usize::from(line.contains(words));
            (found >= count).then_some(())
        });
        assert!(
            all.is_some(),
            "not {count} times in the log:\n{}",
            self.log()
        );
    }

    /// The most memory it ever had, in bytes: `VmHWM`.
    ///
    /// # Panics
    /// When the system does not report it.
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .expect("VmHWM in kB");
        kibibytes.parse::<u64>().expect("a number") * 1024
    }

    /// Sends SIGTERM and does not wait.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGINT and does not wait.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Sends SIGHUP, which does not end it.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Ends it with SIGTERM and waits for its end.
    ///
    /// # Panics
    /// When it ends with an error.
    pub fn stop(mut self) {
        self.terminate();
        let status = self.wait();
        assert!(status.success(), "{status}\n{}", self.log());
    }

    /// Ends it at once, as a crash would.
    ///
    /// # Panics
    /// When it does not end.
    pub fn crash(mut self) {
        self.child.kill().expect("a running child can be killed");
        self.wait();
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end\n{}", self.log());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Ends it with SIGTERM and starts it again on the same folder.
    ///
    /// # Panics
    /// When it ends with an error or does not start.
    #[must_use]
    pub fn restart(mut self) -> Self {
        self.terminate();
        let status = self.wait();
        assert!(status.success(), "{status}\n{}", self.log());
        self.start_again()
    }

    /// Ends it at once, as a crash would, and starts it again on the same folder.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn crash_and_restart(mut self) -> Self {
        self.child.kill().expect("a running child can be killed");
        self.wait();
        self.start_again()
    }

    /// Starts it on the same folder after it has ended.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_again(mut self) -> Self {
        let (child, log) = self.launch.spawn();
        self.child = child;
        self.log = log;
        self.wait_until_ready();
        self
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process ID"), signal).expect("the process takes signals");
    }

    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let ping = Request::get("/_ping");
        loop {
            let answer = Connection::open(&self.address()).and_then(|mut it| it.exchange(&ping));
            if answer.is_ok_and(|response| response.status == 200) {
                return;
            }
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                panic!("the daemon ended: {status}\n{}", self.log());
            }
            assert!(
                Instant::now() < deadline,
                "the daemon is silent\n{}",
                self.log()
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        let _ended = self.child.kill();
        let _status = self.child.wait();
        if std::thread::panicking() {
            let mut stderr = std::io::stderr().lock();
            let _unseen = writeln!(stderr, "--- the daemon wrote ---\n{}", self.log());
        }
    }
}

/// Writes one chunk for every write.
struct Chunks<'a>(&'a mut dyn Write);

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !bytes.is_empty() {
            write!(self.0, "{:x}\r\n", bytes.len())?;
            self.0.write_all(bytes)?;
            self.0.write_all(b"\r\n")?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
