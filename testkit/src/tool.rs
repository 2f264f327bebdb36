//! Programs from Debian that the tests need.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::log::Log;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// A program and its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// The command.
    pub program: &'static str,
    /// Debian's package.
    pub package: &'static str,
}

/// Copies images between registries and folders.
pub const SKOPEO: Tool = Tool::new("skopeo", "skopeo");
/// Pulls and unpacks images.
pub const PODMAN: Tool = Tool::new("podman", "podman");
/// distribution 2.8.
pub const DOCKER_REGISTRY: Tool = Tool::new("docker-registry", "docker-registry");
/// The command line of Docker.
pub const DOCKER: Tool = Tool::new("docker", "docker-cli (docker.io before Debian 13)");
/// The Docker Engine 20.10.
pub const DOCKERD: Tool = Tool::new("/usr/sbin/dockerd", "docker.io");
/// Starts a program in namespaces of its own.
pub const UNSHARE: Tool = Tool::new("unshare", "util-linux");
/// Starts a program as root.
pub const SUDO: Tool = Tool::new("sudo", "sudo");

impl Tool {
    const fn new(program: &'static str, package: &'static str) -> Self {
        Self { program, package }
    }

    /// A command of it, with nothing on its standard input.
    #[must_use]
    pub fn command(self) -> Command {
        let mut command = Command::new(self.program);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command of it to its end.
    ///
    /// # Panics
    /// When the program is not installed, with its package, and when it does not end in time, with
    /// its output.
    #[must_use]
    pub fn output(self, command: &mut Command) -> Output {
        output(command).unwrap_or_else(|error| self.is_missing(&error))
    }

    /// Starts a command of it that runs until it is ended.
    ///
    /// # Panics
    /// When the program is not installed; with its package.
    #[must_use]
    pub fn start(self, command: &mut Command) -> Running {
        Running::start(command).unwrap_or_else(|error| self.is_missing(&error))
    }

    /// Runs it with `arguments` and returns its standard output.
    ///
    /// # Panics
    /// When it is not installed or fails; with its output.
    pub fn run<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Vec<u8> {
        let mut command = self.command();
        command.args(arguments);
        let output = self.output(&mut command);
        assert!(
            output.status.success(),
            "{command:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// Says which package to install.
    ///
    /// # Panics
    /// Always: without the program the test cannot continue.
    pub fn is_missing(self, error: &std::io::Error) -> ! {
        match error.kind() {
            ErrorKind::NotFound => panic!(
                "{} is not there: install Debian's package {}",
                self.program, self.package
            ),
            _ => panic!("{}: {error}", self.program),
        }
    }
}

/// Runs `command` to its end. One that takes too long is ended with all its children.
///
/// # Errors
/// When it cannot be started.
///
/// # Panics
/// When it does not end in time; with its output.
pub fn output(command: &mut Command) -> io::Result<Output> {
    let mut child = spawn(command)?;
    let stdout = read(child.stdout.take().expect("a pipe"));
    let stderr = read(child.stderr.take().expect("a pipe"));
    let status = wait(&mut child);
    if status.is_none() {
        end(&mut child);
    }
    let stdout = stdout.join().expect("reading does not panic");
    let stderr = stderr.join().expect("reading does not panic");
    let Some(status) = status else {
        panic!(
            "{command:?} did not end\n{}\n{}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        );
    };
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// A running program. It and all its children end when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: Log,
}

impl Running {
    fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = spawn(command)?;
        let mut log = Log::default();
        log.follow(child.stdout.take().expect("a pipe"));
        log.follow(child.stderr.take().expect("a pipe"));
        Ok(Self { child, log })
    }

    /// Waits until `found` returns a value for a line of its output, earlier lines included.
    ///
    /// # Panics
    /// When there is none in time; with its output.
    pub fn wait_for<T>(&self, found: impl FnMut(&str) -> Option<T>) -> T {
        self.log
            .wait(PATIENCE, found)
            .unwrap_or_else(|| panic!("not written:\n{}", self.log.text()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Starts it in its own process group, so that its children can be ended with it.
fn spawn(command: &mut Command) -> io::Result<Child> {
    command
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn read(mut source: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe fails only with its process; the bytes read so far are its output.
        let _broken = source.read_to_end(&mut bytes);
        bytes
    })
}

/// Its status; `None` when it does not end in time.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn end(child: &mut Child) {
    // One that has ended already needs no signal.
    let _gone = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _status = child.wait();
}
