use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// Hides the machine's `/run` and `/var/lib`: another containerd, and caches of skopeo and podman
/// from earlier runs. `/var/lib` becomes a fresh folder on the disk.
const FIRST: &str = r#"
set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm
mount --bind "$1" /var/lib
shift
exec "$@"
"#;

/// Namespaces that end with their first process: mounts and processes.
const DAEMON: [&str; 6] = [
    "--mount",
    "--pid",
    "--cgroup",
    "--fork",
    "--kill-child",
    "--mount-proc",
];

/// A command that ends with the bench, however that ends.
pub(super) fn tied(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// The same as another user and group.
pub(super) fn tied_as(user: u32, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", &user.to_string(), "--regid", &user.to_string()])
        .args(["--clear-groups", "--pdeathsig", "KILL", "--"])
        .arg(program);
    command
}

/// A daemon that shares neither mounts nor processes with the machine.
pub(super) fn daemon(program: &str, folder: &Path) -> Result<Command> {
    alone(program, folder, &DAEMON)
}

/// A command that shares no mounts with the machine.
pub(super) fn command(program: &str, folder: &Path) -> Result<Command> {
    alone(program, folder, &["--mount"])
}

fn alone(program: &str, folder: &Path, namespaces: &[&str]) -> Result<Command> {
    let own = folder.join("var-lib");
    fs::create_dir_all(&own).with_context(|| own.display().to_string())?;
    let mut command = tied("env");
    command
        .args(["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        .arg("unshare")
        .args(namespaces)
        .args(["sh", "-c", FIRST, "sh"])
        .arg(own)
        .arg(program);
    Ok(command)
}
