//! The docker CLI; every one in PATH, because machines have an old and a new one.

mod archives;
mod callers;
mod cleanup;
mod containers;
mod events;
mod images;
mod platforms;
mod usage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::tool::DOCKER;
use tempfile::TempDir;

use crate::{daemon_with_images, read};

/// One of them with its own configuration and daemon.
struct Docker {
    program: PathBuf,
    daemon: Daemon,
    folder: TempDir,
}

/// Runs a test with each of them; its daemon has the two images.
fn each(test: impl Fn(&Docker)) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs: BTreeMap<PathBuf, PathBuf> = std::env::split_paths(&path)
        .map(|folder| folder.join(DOCKER.program))
        .filter_map(|program| Some((program.canonicalize().ok()?, program)))
        .collect();
    if programs.is_empty() {
        DOCKER.is_missing(&std::io::ErrorKind::NotFound.into());
    }
    for program in programs.into_values() {
        test(&Docker {
            program,
            daemon: daemon_with_images(),
            folder: tempfile::tempdir().unwrap(),
        });
    }
}

impl Docker {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("-H")
            .arg(self.daemon.host())
            .args(arguments)
            .env_clear()
            .env("DOCKER_CONFIG", self.folder.path())
            .env("HOME", self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn output(&self, command: &mut Command) -> Output {
        DOCKER.output(command)
    }

    /// Its output; it must succeed.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = self.command(arguments);
        let output = self.output(&mut command);
        assert!(
            output.status.success(),
            "{command:?}: {}\n{}",
            String::from_utf8_lossy(&output.stderr),
            self.daemon.log()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The lines of its output.
    fn lines(&self, arguments: &[&str]) -> Vec<String> {
        self.run(arguments).lines().map(str::to_owned).collect()
    }

    /// Asserts that it fails with a message that contains these words. Old CLIs omit what the
    /// daemon adds to a name.
    fn refused(&self, arguments: &[&str], words: &str) {
        let mut command = self.command(arguments);
        let output = self.output(&mut command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{command:?} succeeds");
        assert!(said.contains(words), "{command:?}: {words} in {said}");
    }

    /// A path in its folder.
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A fixture as a file in its folder.
    fn fixture(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::write(Path::new(&path), read(name)).unwrap();
        path
    }
}

/// The columns of every line, split at two blanks or more.
fn columns(table: &str) -> Vec<Vec<&str>> {
    table
        .lines()
        .map(|line| {
            let cells = line.split("  ").map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect()
        })
        .collect()
}
