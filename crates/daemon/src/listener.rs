use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::net;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net as unix;
use std::path::{Path, PathBuf};
use std::time::Duration;

use listenfd::ListenFd;
use rustix::fs::Mode;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use sockerless_frontend::Frontend;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::host::Host;

/// The pause after an accept that failed, at first and at most. Open files that ran out come back
/// when a connection ends, and until then there is no use in trying all the time.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

const SOCKET_MODE: u32 = 0o660;
/// Clients that may wait for their turn; the kernel has a limit of its own.
const BACKLOG: i32 = 4096;

/// Why nobody can listen at a host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "another process listens at unix://{path}: end it, or choose another socket with --host",
        path = .path.display()
    )]
    InUse { path: PathBuf },
    #[error(
        "{path} exists and is no socket: remove it, or choose another socket with --host",
        path = .path.display()
    )]
    NoSocket { path: PathBuf },
    #[error("cannot replace the socket {path}", path = .path.display())]
    Replace { path: PathBuf, source: io::Error },
    #[error(
        "cannot listen at {host}: see that the address is free and, for a socket, that its folder \
         is there and may be written to"
    )]
    Bind { host: Host, source: io::Error },
    #[error(
        "fd:// was given, but systemd passed no sockets (LISTEN_FDS): start the daemon through \
         its socket unit, or give unix:// or tcp://"
    )]
    NothingInherited,
    #[error("socket {index} that systemd passed is neither a Unix nor a TCP listener")]
    Inherited { index: usize, source: io::Error },
}

/// A socket that takes connections, not yet on the runtime.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) socket: Socket,
    /// The file of the socket, if it was made here.
    pub(crate) file: Option<SocketFile>,
}

#[derive(Debug)]
pub(crate) enum Socket {
    Unix(unix::UnixListener),
    Tcp(net::TcpListener),
}

/// The file of a socket that was made here. It goes when this is dropped.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// Opens the sockets of a host; several for `fd://`.
pub(crate) fn bind(host: &Host, inherited: &mut ListenFd) -> Result<Vec<Listener>, Error> {
    let failed = |source| Error::Bind {
        host: host.clone(),
        source,
    };
    match host {
        Host::Unix(path) => {
            clear(path)?;
            let listener = listen(path).map_err(failed)?;
            let metadata = fs::symlink_metadata(path).map_err(failed)?;
            let (device, inode) = (metadata.dev(), metadata.ino());
            let file = Some(SocketFile {
                path: path.clone(),
                device,
                inode,
            });
            Ok(vec![Listener {
                socket: Socket::Unix(listener),
                file,
            }])
        }
        Host::Tcp(address) => {
            let socket = net::TcpListener::bind(address)
                .map(Socket::Tcp)
                .map_err(failed)?;
            Ok(vec![Listener { socket, file: None }])
        }
        Host::Fd => take(inherited),
    }
}

/// Makes a socket that its owner and group may connect to. The mode of the socket itself bounds
/// that of its file, so there is no moment at which others may.
fn listen(path: &Path) -> io::Result<unix::UnixListener> {
    let flags = SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::fs::fchmod(&socket, Mode::from_raw_mode(SOCKET_MODE))?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
    // What the mask of the process took away.
    fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

/// Removes a socket that nobody listens at any more.
fn clear(path: &Path) -> Result<(), Error> {
    let replace = |source| Error::Replace {
        path: path.to_owned(),
        source,
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(replace(error)),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(Error::NoSocket {
                path: path.to_owned(),
            });
        }
        Ok(_) => {}
    }
    match unix::UnixStream::connect(path) {
        Ok(_) => Err(Error::InUse {
            path: path.to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(replace)
        }
        Err(error) => Err(replace(error)),
    }
}

fn take(inherited: &mut ListenFd) -> Result<Vec<Listener>, Error> {
    let mut listeners = Vec::new();
    for index in 0..inherited.len() {
        let socket = match inherited.take_unix_listener(index) {
            Ok(unix) => unix.map(Socket::Unix),
            // It may be a TCP socket, and stays in its place.
            Err(_) => inherited
                .take_tcp_listener(index)
                .map_err(|source| Error::Inherited { index, source })?
                .map(Socket::Tcp),
        };
        listeners.extend(socket.map(|socket| Listener { socket, file: None }));
    }
    if listeners.is_empty() {
        Err(Error::NothingInherited)
    } else {
        Ok(listeners)
    }
}

impl Socket {
    /// Where it listens, with the port that it really has.
    pub(crate) fn address(&self) -> String {
        let inherited = || "fd://".to_owned();
        match self {
            Self::Unix(listener) => {
                let address = listener.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                path.map_or_else(inherited, |path| format!("unix://{}", path.display()))
            }
            Self::Tcp(listener) => {
                let address = listener.local_addr();
                address.map_or_else(|_| inherited(), |address| format!("tcp://{address}"))
            }
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|now| now.dev() == self.device && now.ino() == self.inode);
        if is_ours && let Err(error) = fs::remove_file(&self.path) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(path = %self.path.display(), error, "the socket cannot be removed");
        }
    }
}

/// A [`Socket`] on the runtime.
#[derive(Debug)]
pub(crate) enum AsyncListener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// A client.
#[derive(Debug)]
pub(crate) enum Connection {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl AsyncListener {
    pub(crate) fn new(socket: Socket) -> io::Result<Self> {
        match socket {
            Socket::Unix(listener) => {
                listener.set_nonblocking(true)?;
                UnixListener::from_std(listener).map(Self::Unix)
            }
            Socket::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener).map(Self::Tcp)
            }
        }
    }

    /// The next client. What fails is logged and tried again.
    pub(crate) async fn accept(&self) -> Connection {
        let mut pause = PAUSE;
        loop {
            let error = match self.try_accept().await {
                Ok(connection) => return connection,
                // A client that was gone before its turn.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => error,
            };
            let milliseconds = pause.as_millis();
            tracing::error!(%error, milliseconds, "no connection can be taken, trying again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn try_accept(&self) -> io::Result<Connection> {
        match self {
            Self::Unix(listener) => listener.accept().await.map(|(io, _)| Connection::Unix(io)),
            Self::Tcp(listener) => {
                let (io, _) = listener.accept().await?;
                io.set_nodelay(true)?;
                Ok(Connection::Tcp(io))
            }
        }
    }
}

impl Connection {
    /// Serves it until it ends, or shortly after `stopped`.
    pub(crate) async fn serve(self, frontend: &Frontend, stopped: impl Future<Output = ()> + Send) {
        match self {
            Self::Unix(io) => frontend.serve_connection(io, stopped).await,
            Self::Tcp(io) => frontend.serve_connection(io, stopped).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind_unix(path: &Path) -> Result<Vec<Listener>, Error> {
        bind(&Host::Unix(path.to_owned()), &mut ListenFd::empty())
    }

    #[test]
    fn a_socket_has_its_mode_and_goes_with_its_listener() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        let listeners = bind_unix(&path).expect("free");
        let mode = fs::metadata(&path).expect("socket").permissions().mode();
        assert_eq!(mode & 0o777, 0o660);
        let error = bind_unix(&path).expect_err("taken");
        assert!(matches!(error, Error::InUse { .. }), "{error}");
        drop(listeners);
        assert!(!path.exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_the_new_one_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        drop(unix::UnixListener::bind(&path).expect("free"));
        assert!(path.exists());
        let first = bind_unix(&path).expect("stale");
        fs::remove_file(&path).expect("remove");
        let second = bind_unix(&path).expect("free");
        drop(first);
        assert!(path.exists());
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn a_file_is_never_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        fs::write(&path, "precious").expect("write");
        let error = bind_unix(&path).expect_err("a file");
        assert!(matches!(error, Error::NoSocket { .. }), "{error}");
        assert_eq!(fs::read(&path).expect("still there"), b"precious");
    }

    #[test]
    fn addresses() {
        let tcp = bind(&Host::Tcp("127.0.0.1:0".to_owned()), &mut ListenFd::empty());
        let address = tcp.expect("free")[0].socket.address();
        assert!(
            address.starts_with("tcp://127.0.0.1:") && !address.ends_with(":0"),
            "{address}"
        );
        let error = bind(&Host::Fd, &mut ListenFd::empty()).expect_err("nothing");
        assert!(matches!(error, Error::NothingInherited), "{error}");
    }
}
