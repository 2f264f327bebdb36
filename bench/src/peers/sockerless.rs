use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Daemon, alone};

/// The daemon under test, with its default options.
#[derive(Debug, Clone)]
pub(crate) struct Sockerless {
    binary: PathBuf,
    arguments: Vec<OsString>,
}

impl Sockerless {
    /// Its name in tables.
    pub(crate) const NAME: &'static str = "sockerless";

    /// The one in this file.
    pub(crate) fn new(binary: PathBuf) -> Self {
        Self {
            binary,
            arguments: Vec::new(),
        }
    }

    /// Pushes what it loads to this repository.
    pub(crate) fn staging(mut self, repository: &str) -> Self {
        self.arguments
            .extend(["--staging".into(), repository.into()]);
        self
    }

    /// Keeps its state in the database with this URL.
    pub(crate) fn state(mut self, url: &str) -> Self {
        self.arguments.extend(["--state".into(), url.into()]);
        self
    }

    /// Starts it with all its files below `folder`, which may exist already.
    pub(crate) fn start(&self, folder: &Path) -> Result<Daemon> {
        let socket = folder.join("sockerless.sock");
        let mut command = self.command(folder, &socket);
        Daemon::start(&mut command, folder, socket)
    }

    fn command(&self, folder: &Path, socket: &Path) -> Command {
        let mut command = alone::tied(&self.binary);
        command
            .arg("serve")
            .arg("-H")
            .arg(format!("unix://{}", socket.display()))
            .arg("--data-root")
            .arg(folder.join("data"))
            .args(&self.arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", folder);
        command
    }
}
