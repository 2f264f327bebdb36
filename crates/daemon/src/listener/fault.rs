//! Why the daemon cannot listen at an address, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::host::Host;

/// Maximum bytes of a socket's path.
const PATH_BYTES: usize = 107;

/// Ports below this are reserved for root.
const LOW_PORTS: u16 = 1024;

/// Why the daemon cannot listen at a host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "another process listens at unix://{path}: end it, or choose another socket with --host",
        path = .path.display()
    )]
    InUse { path: PathBuf },
    #[error(
        "{path} exists and is not a socket: remove it, or choose another socket with --host",
        path = .path.display()
    )]
    NoSocket { path: PathBuf },
    #[error("cannot replace the socket {path}", path = .path.display())]
    Replace { path: PathBuf, source: io::Error },
    #[error("cannot listen at {host}: {cause}")]
    Bind { host: Host, cause: String },
    #[error("cannot listen at {host}")]
    Other { host: Host, source: io::Error },
    #[error(
        "{host} can be reached from other machines, and the API has no TLS and no authentication: \
         whoever reaches it may do everything. Listen at 127.0.0.1 or a unix:// socket, behind \
         something that has both, or say --allow-insecure-tcp"
    )]
    Insecure { host: String },
    #[error(
        "fd:// was given, but systemd passed no sockets (LISTEN_FDS): start the daemon through \
         its socket unit, or give unix:// or tcp://"
    )]
    NothingInherited,
    #[error("socket {index} that systemd passed is neither a Unix nor a TCP listener")]
    Inherited { index: usize, source: io::Error },
}

impl Error {
    /// For a Unix socket.
    pub(super) fn unix(path: &Path, source: io::Error) -> Self {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let shown = folder.display();
        let length = path.as_os_str().len();
        let cause = match source.kind() {
            _ if length > PATH_BYTES => Some(format!(
                "its path has {length} bytes, and a socket's may have {PATH_BYTES}: choose a \
                 shorter one"
            )),
            io::ErrorKind::NotFound => Some(format!(
                "the folder {shown} does not exist: make it, or choose another socket"
            )),
            io::ErrorKind::NotADirectory => {
                Some(format!("{shown} is not a folder: choose another socket"))
            }
            io::ErrorKind::PermissionDenied => Some(format!(
                "this user may not make a socket in {shown}: run as root, or choose a socket in a \
                 folder of your own, such as $XDG_RUNTIME_DIR/sockerless.sock"
            )),
            io::ErrorKind::ReadOnlyFilesystem => Some(format!(
                "{shown} is on a file system that can only be read: choose another socket"
            )),
            _ => None,
        };
        Self::of(Host::Unix(path.to_owned()), cause, source)
    }

    /// For a TCP address, `HOST:PORT`, where `resolved` says whether its name was resolved.
    pub(super) fn tcp(address: &str, resolved: bool, source: io::Error) -> Self {
        let (name, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let is_low = port
            .parse()
            .is_ok_and(|port| (1..LOW_PORTS).contains(&port));
        let cause = match source.kind() {
            _ if !resolved => Some(format!(
                "the name {name} cannot be resolved ({source}): correct it, or give an address"
            )),
            io::ErrorKind::AddrNotAvailable => Some(format!(
                "{name} is not an address of this machine: give one that is, such as 127.0.0.1"
            )),
            io::ErrorKind::AddrInUse => Some(format!(
                "another process listens at port {port}: end it, or choose another port"
            )),
            io::ErrorKind::PermissionDenied if is_low => Some(format!(
                "ports below {LOW_PORTS} are for root: choose a higher one, or give the daemon \
                 CAP_NET_BIND_SERVICE"
            )),
            _ => None,
        };
        Self::of(Host::Tcp(address.to_owned()), cause, source)
    }

    fn of(host: Host, cause: Option<String>, source: io::Error) -> Self {
        match cause {
            Some(cause) => Self::Bind { host, cause },
            None => Self::Other { host, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_for_each_cause() {
        use io::ErrorKind as K;
        let long = format!("/{}", "x".repeat(PATH_BYTES));
        for (path, kind, words) in [
            ("/run/s", K::NotFound, "the folder /run does not exist"),
            (
                "/run/s",
                K::PermissionDenied,
                "may not make a socket in /run",
            ),
            ("/run/s", K::NotADirectory, "/run is not a folder"),
            ("/run/s", K::ReadOnlyFilesystem, "can only be read"),
            (&long, K::InvalidInput, "has 108 bytes"),
        ] {
            let error = Error::unix(Path::new(path), kind.into()).to_string();
            assert!(error.contains(words), "{error}");
        }
        for (address, resolved, kind, words) in [
            (
                "none.test:1",
                false,
                K::Other,
                "none.test cannot be resolved",
            ),
            (
                "192.0.2.1:2375",
                true,
                K::AddrNotAvailable,
                "192.0.2.1 is not an address",
            ),
            ("127.0.0.1:2375", true, K::AddrInUse, "listens at port 2375"),
            (
                "127.0.0.1:80",
                true,
                K::PermissionDenied,
                "ports below 1024 are for root",
            ),
        ] {
            let error = Error::tcp(address, resolved, kind.into()).to_string();
            assert!(error.contains(words), "{error}");
            assert!(error.starts_with(&format!("cannot listen at tcp://{address}: ")));
        }
    }
}
