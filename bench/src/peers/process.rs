use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::measure::Tree;

/// How long a process may take to become ready.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often that is checked.
const PAUSE: Duration = Duration::from_micros(500);

/// A running process. It and its children end when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, which writes to the file `log`.
    pub(super) fn start(command: &mut Command, log: PathBuf) -> Result<Self> {
        let file = File::create(&log).with_context(|| log.display().to_string())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("start {command:?}"))?;
        Ok(Self { child, log })
    }

    /// It and all its descendants.
    pub(super) fn tree(&self) -> Tree {
        Tree::of(self.child.id())
    }

    /// Waits until `ready` returns a value.
    pub(super) fn wait_for<T>(&mut self, mut ready: impl FnMut() -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = ready() {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended: {status}\n{}", self.said());
            }
            if Instant::now() > deadline {
                bail!("it is not ready in time\n{}", self.said());
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "not every program tells when it is ready"
            )]
            std::thread::sleep(PAUSE);
        }
    }

    /// The end of its output.
    pub(super) fn said(&self) -> String {
        tail(&self.log)
    }

    /// Makes it end, waits for that, and checks its exit status.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.end(Signal::TERM)
    }

    /// The same with another signal.
    pub(super) fn end(&mut self, signal: Signal) -> Result<()> {
        kill_process(Pid::from_child(&self.child), signal)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("it ended: {status}\n{}", self.said());
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_some()) {
            return;
        }
        // A daemon in namespaces of its own is the child of `unshare`, which ends when all of them
        // have; one without has no child that outlives it.
        for id in Tree::children(self.child.id()) {
            let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
            let _gone = pid.map(|pid| kill_process(pid, Signal::KILL));
        }
        if !self.is_namespaced() {
            let _gone = self.child.kill();
        }
        let _status = self.child.wait();
    }
}

impl Process {
    fn is_namespaced(&self) -> bool {
        let name = fs::read_to_string(format!("/proc/{}/comm", self.child.id()));
        name.is_ok_and(|name| name.trim() == "unshare")
    }
}

fn tail(log: &Path) -> String {
    const LENGTH: usize = 4000;
    let bytes = fs::read(log).unwrap_or_default();
    let from = bytes.len().saturating_sub(LENGTH);
    String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
}
