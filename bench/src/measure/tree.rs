use std::fs;
use std::io::ErrorKind;

use anyhow::{Context as _, Result};

use super::Usage;

/// A process and all its descendants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    root: u32,
}

impl Tree {
    /// The tree below the process with this ID.
    pub(crate) fn of(root: u32) -> Self {
        Self { root }
    }

    /// The usage of all of them so far. Ended ones are in the counters of the processes that waited
    /// for them.
    pub(crate) fn usage(self) -> Result<Usage> {
        let ticks = rustix::param::clock_ticks_per_second();
        let mut sum = Usage::default();
        for process in self.processes() {
            let Some(stat) = read(process, "stat")? else {
                continue;
            };
            let Some(io) = read(process, "io")? else {
                continue;
            };
            let usage = Usage::parse(&stat, &io, ticks);
            sum = sum + usage.with_context(|| format!("usage of process {process}"))?;
        }
        Ok(sum)
    }

    /// Begins a new peak of memory for each of them.
    pub(crate) fn forget_peaks(self) -> Result<()> {
        for process in self.processes() {
            let written = fs::write(format!("/proc/{process}/clear_refs"), "5");
            if let Err(error) = written
                && !is_gone(&error)
            {
                return Err(error).with_context(|| format!("peak memory of process {process}"));
            }
        }
        Ok(())
    }

    /// Their current memory, in bytes; shared pages count several times.
    pub(crate) fn memory(self) -> u64 {
        let sizes = self.processes().into_iter();
        sizes.filter_map(|it| status(it, "VmRSS:")).sum()
    }

    /// Their memory that is neither a file nor shared with other programs, in bytes.
    pub(crate) fn private_memory(self) -> u64 {
        let sizes = self.processes().into_iter();
        sizes.filter_map(|it| status(it, "RssAnon:")).sum()
    }

    /// The largest peak of memory of any one of them, in bytes.
    pub(crate) fn largest_peak(self) -> u64 {
        let peaks = self.processes().into_iter();
        peaks
            .filter_map(|it| status(it, "VmHWM:"))
            .max()
            .unwrap_or(0)
    }

    /// The processes of which this one is the parent.
    pub(crate) fn children(process: u32) -> Vec<u32> {
        let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
            return Vec::new();
        };
        let lists = threads
            .filter_map(Result::ok)
            .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let text: String = lists.collect();
        text.split_ascii_whitespace()
            .filter_map(|id| id.parse().ok())
            .collect()
    }

    fn processes(self) -> Vec<u32> {
        let mut found = vec![self.root];
        let mut looked_at = 0;
        while let Some(&process) = found.get(looked_at) {
            found.extend(Self::children(process));
            looked_at += 1;
        }
        found
    }
}

/// A file of the process in `/proc`; `None` when the process is gone.
fn read(process: u32, name: &str) -> Result<Option<String>> {
    match fs::read_to_string(format!("/proc/{process}/{name}")) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{name} of process {process}")),
    }
}

fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
        || rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::SRCH)
}

/// A size in `/proc/PID/status`, in bytes; `None` when the process has ended.
fn status(process: u32, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes = value.trim().strip_suffix(" kB")?;
    kibibytes.parse::<u64>().ok().map(|size| size * 1024)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_child_is_found_and_belongs_to_the_tree() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let me = std::process::id();
        assert!(Tree::children(me).contains(&child.id()));
        assert!(Tree::of(me).processes().contains(&child.id()));
        assert!(Tree::of(me).memory() > Tree::of(me).private_memory());
        assert!(Tree::of(me).private_memory() > 0);
        assert!(Tree::of(me).largest_peak() > 0);
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        assert_eq!(
            Tree::of(child.id()).usage().unwrap(),
            crate::measure::Usage::default()
        );
    }
}
