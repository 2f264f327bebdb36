use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::peers::versions;

/// The machine and the programs of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Model and number of processors, memory, kernel, file system.
    pub(crate) hardware: String,
    /// Programs and their versions.
    pub(crate) versions: Vec<(String, String)>,
    /// How often everything was done.
    pub(crate) rounds: usize,
}

impl Machine {
    /// This machine, with its disk at `folder` and these programs.
    pub(crate) fn this(folder: &Path, rounds: usize, programs: &[&'static str]) -> Result<Self> {
        let processors = std::thread::available_parallelism()?;
        let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
        let model = field(&cpuinfo, "model name").unwrap_or("unknown processor");
        let meminfo = fs::read_to_string("/proc/meminfo")?;
        let memory = field(&meminfo, "MemTotal")
            .and_then(|value| value.strip_suffix(" kB"))
            .and_then(|value| value.parse::<u64>().ok())
            .context("MemTotal")?;
        let system = rustix::system::uname();
        let kernel = system.release().to_string_lossy();
        let mounts = fs::read_to_string("/proc/mounts")?;
        let disk = file_system(&mounts, &folder.canonicalize()?).unwrap_or("unknown");
        ensure!(
            disk != "tmpfs",
            "the folder of the bench is in memory, and disks matter: --folder"
        );
        let hardware = format!(
            "{processors} processors ({model}), {} GiB of memory, Linux {kernel}, {disk}",
            memory >> 20
        );
        let versions = versions(programs)?.into_iter();
        Ok(Self {
            hardware,
            versions: versions
                .map(|(name, version)| (name.to_owned(), version))
                .collect(),
            rounds,
        })
    }
}

impl Display for Machine {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}; rounds: {}", self.hardware, self.rounds)?;
        for (name, version) in &self.versions {
            writeln!(out, "{name}: {version}")?;
        }
        Ok(())
    }
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut values = text.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    });
    values.next()
}

/// The type of the file system that has this path.
fn file_system<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let on = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (place, kind) = (fields.next()?, fields.next()?);
        path.starts_with(place).then_some((place.len(), kind))
    });
    on.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_has_the_path() {
        let mounts = "a / ext4 rw 0 0\nb /srv tmpfs rw 0 0\nc /srvshop xfs rw 0 0\n";
        let on = |path: &str| file_system(mounts, Path::new(path));
        assert_eq!(on("/srv/target"), Some("tmpfs"));
        assert_eq!(on("/home"), Some("ext4"));
    }
}
