//! Facts about the machine for `/info`.

use std::fs;
use std::num::NonZero;
use std::thread;

/// Facts about the machine, read once.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(super) host_name: String,
    pub(super) kernel_version: String,
    /// `Debian GNU/Linux 12 (bookworm)`; empty when it is not known.
    pub(super) operating_system: String,
    pub(super) os_version: String,
    pub(super) processors: usize,
    pub(super) memory_bytes: u64,
}

impl Machine {
    pub(crate) fn read() -> Self {
        let uname = rustix::system::uname();
        let sysinfo = rustix::system::sysinfo();
        let memory = u128::from(sysinfo.totalram) * u128::from(sysinfo.mem_unit);
        let release = ["/etc/os-release", "/usr/lib/os-release"]
            .iter()
            .find_map(|path| fs::read_to_string(path).ok())
            .unwrap_or_default();
        Self {
            host_name: uname.nodename().to_string_lossy().into_owned(),
            kernel_version: uname.release().to_string_lossy().into_owned(),
            operating_system: release_value(&release, "PRETTY_NAME"),
            os_version: release_value(&release, "VERSION_ID"),
            processors: thread::available_parallelism().map_or(1, NonZero::get),
            memory_bytes: u64::try_from(memory).unwrap_or(u64::MAX),
        }
    }
}

/// A value of an os-release file, without its quotes.
fn release_value(release: &str, key: &str) -> String {
    release
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        .unwrap_or_default()
        .trim_matches(['"', '\''])
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_files() {
        let release = "NAME=x\nPRETTY_NAME=\"Some Linux 1\"\nVERSION_ID=1\n";
        assert_eq!(release_value(release, "PRETTY_NAME"), "Some Linux 1");
        assert_eq!(release_value(release, "VERSION_ID"), "1");
        assert_eq!(release_value(release, "ID"), "");
    }

    #[test]
    fn this_machine() {
        let machine = Machine::read();
        assert!(machine.processors > 0);
        assert!(machine.memory_bytes > 1 << 20);
        assert!(!machine.kernel_version.is_empty());
    }
}
