//! Programs that the tests need and Debian has.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::{Command, Output, Stdio};

/// A program and the package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// What is started.
    pub program: &'static str,
    /// Debian's package.
    pub package: &'static str,
}

/// Copies images between registries and folders.
pub const SKOPEO: Tool = Tool::new("skopeo", "skopeo");
/// Pulls images as one who means to run them.
pub const PODMAN: Tool = Tool::new("podman", "podman");
/// distribution 2.8.
pub const DOCKER_REGISTRY: Tool = Tool::new("docker-registry", "docker-registry");
/// The command line of Docker.
pub const DOCKER: Tool = Tool::new("docker", "docker-cli (docker.io before Debian 13)");

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
    /// When the program is not there; with the package that brings it.
    #[must_use]
    pub fn output(self, command: &mut Command) -> Output {
        command
            .output()
            .unwrap_or_else(|error| self.is_missing(&error))
    }

    /// Runs it with `arguments` and gives its standard output.
    ///
    /// # Panics
    /// When it is not there or fails; with what it wrote.
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
    /// Always: without the program the test cannot go on.
    pub fn is_missing(self, error: &std::io::Error) -> ! {
        match error.kind() {
            ErrorKind::NotFound => panic!(
                "{} is not in PATH: install Debian's package {}",
                self.program, self.package
            ),
            _ => panic!("{}: {error}", self.program),
        }
    }
}
