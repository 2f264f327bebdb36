use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::disk::settle;
use super::{Sample, Sampler, Tree, Usage};

/// Waits until the disk is quiet, runs `command` to its end and measures it.
pub(crate) fn run(command: &mut Command) -> Result<Sample> {
    let says = tempfile::tempfile().context("a temporary file")?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(says.try_clone()?);
    settle();
    let begun = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("start {command:?}"))?;
    let tree = Tree::of(child.id());
    let sampler = Sampler::start(tree);
    // Its counters can be read until its status is waited for.
    let pid = Pid::from_child(&child);
    waitid(
        WaitId::Pid(pid),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )
    .context("wait for a command")?;
    let wall = begun.elapsed();
    let peak_memory = sampler.stop();
    let usage: Usage = tree.usage()?;
    let status = child.wait()?;
    ensure!(
        status.success(),
        "{command:?}: {status}\n{}",
        text_of(says)?
    );
    Ok(Sample::new(wall, usage, peak_memory))
}

fn text_of(mut file: File) -> Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(64 * 1024).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn processor_time_of_grandchildren_counts() {
        let script = "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; true";
        let sample = run(Command::new("sh").args(["-c", script])).unwrap();
        assert!(sample.usage.cpu >= Duration::from_millis(20), "{sample:?}");
        assert!(sample.wall >= sample.usage.cpu / 2);
        assert!(sample.peak_memory > 100 * 1024);
    }

    #[test]
    fn a_failure_says_what_the_command_said() {
        let error = run(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("broken"), "{error}");
    }
}
