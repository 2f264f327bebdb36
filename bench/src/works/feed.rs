use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::client::Body;
use crate::measure::{Tree, Usage};

/// `zstd -dc`, for a daemon that does not read zstd.
#[derive(Debug)]
pub(super) struct Feed {
    child: Child,
}

impl Feed {
    /// Starts it; its output is the body.
    pub(super) fn start(archive: &Path) -> Result<(Self, Body)> {
        let mut child = Command::new("zstd")
            .args(["-dc", "-q"])
            .arg(archive)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("zstd")?;
        let body = Body::Pipe(child.stdout.take().context("a pipe")?);
        Ok((Self { child }, body))
    }

    /// Waits for its end, and returns its usage.
    pub(super) fn finish(mut self) -> Result<Usage> {
        let pid = WaitId::Pid(Pid::from_child(&self.child));
        waitid(pid, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
        let usage = Tree::of(self.child.id()).usage()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "zstd -dc: {status}");
        Ok(usage)
    }
}
