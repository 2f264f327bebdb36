//! Finds and runs the programs of PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::tool::{self, Tool};

/// The server. psql and initdb come with it.
pub(super) const POSTGRES: Tool = Tool {
    program: "postgres",
    package: "postgresql",
};

/// Where Debian has the programs of each version: they are not in PATH.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The user of the server when the tests run as root, which PostgreSQL refuses: `nobody`.
pub(super) const NOBODY: u32 = 65_534;

/// A command of one of PostgreSQL's programs, in `folder`, without the environment, which could
/// refer to other servers.
pub(super) fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(find(program));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .stdin(Stdio::null());
    command
}

/// The same for a program that runs a server: as another user when this is root.
pub(super) fn server_command(program: &str, folder: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;

    let mut command = command(program, folder);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Runs a command to its end.
///
/// # Panics
/// When the program is not installed or does not end.
pub(super) fn output(command: &mut Command) -> Output {
    tool::output(command).unwrap_or_else(|error| POSTGRES.is_missing(&error))
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The newest of Debian's, otherwise the one in PATH.
fn find(program: &str) -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let versions = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let path = entry.path().join("bin").join(program);
        path.is_file().then_some((version, path))
    });
    versions
        .max()
        .map_or_else(|| in_path(program), |(_, path)| path)
}

/// Looked up here: the commands have another PATH.
fn in_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join(program));
    folders
        .find(|path| path.is_file())
        .unwrap_or_else(|| program.into())
}
