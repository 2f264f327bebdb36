//! Default locations: the system's for root, the user's own for others.

use std::env;
use std::path::PathBuf;

use crate::host::Host;

/// Why there is no default.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "XDG_RUNTIME_DIR is not set, so there is no place for the socket: say with --host where \
         the daemon listens"
    )]
    NoRuntimeDir,
    #[error(
        "neither XDG_DATA_HOME nor HOME is set, so there is no place for images: name a folder \
         with --data-root"
    )]
    NoDataHome,
}

pub(crate) fn host() -> Result<Host, Error> {
    if is_root() {
        return Ok(Host::Unix("/var/run/sockerless.sock".into()));
    }
    let folder = folder("XDG_RUNTIME_DIR").ok_or(Error::NoRuntimeDir)?;
    Ok(Host::Unix(folder.join("sockerless.sock")))
}

pub(crate) fn data_root() -> Result<PathBuf, Error> {
    if is_root() {
        return Ok("/var/lib/sockerless".into());
    }
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("sockerless"))
        .ok_or(Error::NoDataHome)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
