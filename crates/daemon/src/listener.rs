//! The sockets that clients connect to.

mod fault;
mod socket_file;

use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::net::{self, SocketAddr, ToSocketAddrs};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net as unix;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use listenfd::ListenFd;
use rustix::fs::Mode;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use sockerless_frontend::Frontend;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tracing::Instrument;

pub(crate) use self::fault::Error;
use self::socket_file::SocketFile;
pub(crate) use self::socket_file::Watch;
use crate::host::Host;

/// The first and the longest pause after failed accepts. When file descriptors have run out, one is
/// free again once a connection ends, and until then constant retries are of no use.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

const SOCKET_MODE: u32 = 0o660;
/// Connections that may wait to be accepted; the kernel has its own limit.
const BACKLOG: i32 = 4096;

/// A listening socket, not yet registered with the runtime.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) socket: Socket,
    /// The file of the socket, if it was created here.
    pub(crate) file: Option<Arc<SocketFile>>,
}

#[derive(Debug)]
pub(crate) enum Socket {
    Unix(unix::UnixListener),
    Tcp(net::TcpListener),
}

/// Opens the sockets of a host; several for `fd://`. Addresses that other machines can reach are
/// refused unless allowed.
pub(crate) fn bind(
    host: &Host,
    inherited: &mut ListenFd,
    allow_insecure_tcp: bool,
) -> Result<Vec<Listener>, Error> {
    let listeners = match host {
        Host::Unix(path) => {
            clear(path)?;
            let failed = |source| Error::unix(path, source);
            let listener = listen(path).map_err(failed)?;
            vec![Listener {
                socket: Socket::Unix(listener),
                file: Some(Arc::new(SocketFile::of(path).map_err(failed)?)),
            }]
        }
        Host::Tcp(address) => {
            let addresses = address
                .to_socket_addrs()
                .map_err(|source| Error::tcp(address, false, source))?;
            let addresses: Vec<_> = addresses.collect();
            if !allow_insecure_tcp && !addresses.iter().all(is_loopback) {
                let host = host.to_string();
                return Err(Error::Insecure { host });
            }
            let socket = net::TcpListener::bind(addresses.as_slice())
                .map(Socket::Tcp)
                .map_err(|source| Error::tcp(address, true, source))?;
            vec![Listener { socket, file: None }]
        }
        Host::Fd => take(inherited)?,
    };
    let exposed = listeners
        .iter()
        .find(|listener| listener.socket.is_exposed());
    match exposed {
        Some(listener) if !allow_insecure_tcp => Err(Error::Insecure {
            host: listener.socket.address(),
        }),
        _ => Ok(listeners),
    }
}

/// Whether only this machine can reach it.
fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Creates a socket that its owner and group may connect to. The mode of the socket itself bounds
/// that of its file, so there is no moment at which others may connect.
fn listen(path: &Path) -> io::Result<unix::UnixListener> {
    let flags = SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::fs::fchmod(&socket, Mode::from_raw_mode(SOCKET_MODE))?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
    // Restores the permissions that the umask removed.
    fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

/// Removes a stale socket, which has no listener.
fn clear(path: &Path) -> Result<(), Error> {
    let replace = |source| Error::Replace {
        path: path.to_owned(),
        source,
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::unix(path, error)),
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
            // It may be a TCP socket, and stays in place.
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
    /// Whether other machines can reach it.
    pub(crate) fn is_exposed(&self) -> bool {
        match self {
            Self::Unix(_) => false,
            // An unknown address may be any.
            Self::Tcp(listener) => !listener.local_addr().is_ok_and(|own| is_loopback(&own)),
        }
    }

    /// Whether it is a TCP socket, which every user of the machine may connect to.
    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// The address it listens at, with its actual port.
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

/// A [`Socket`] registered with the runtime.
#[derive(Debug)]
pub(crate) enum AsyncListener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// A client's connection.
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

    /// The next client. Failures are logged and retried.
    pub(crate) async fn accept(&self) -> Connection {
        let mut pause = PAUSE;
        loop {
            let error = match self.try_accept().await {
                Ok(connection) => return connection,
                // A client that disconnected before it was accepted.
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
    /// Serves it until it ends, or shortly after `stopped`. Log lines in the meantime name the
    /// client. It counts among the connections from this call on.
    pub(crate) fn serve<F>(
        self,
        frontend: &Frontend,
        stopped: F,
    ) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // At the error level, so that the span is present at every log level.
        let span = tracing::error_span!("client", from = self.peer());
        let served: Pin<Box<dyn Future<Output = ()> + Send>> = match self {
            Self::Unix(io) => Box::pin(frontend.serve_connection(io, stopped)),
            Self::Tcp(io) => Box::pin(frontend.serve_connection(io, stopped)),
        };
        served.instrument(span)
    }

    /// The peer: an address, or the process and user at the other end of a Unix socket.
    fn peer(&self) -> String {
        match self {
            Self::Unix(io) => match io.peer_cred() {
                Ok(peer) => match peer.pid() {
                    // A process in another namespace has no ID here.
                    Some(pid @ 1..) => format!("unix:uid={},pid={pid}", peer.uid()),
                    _ => format!("unix:uid={}", peer.uid()),
                },
                Err(_) => "unix".to_owned(),
            },
            Self::Tcp(io) => match io.peer_addr() {
                Ok(address) => format!("tcp:{address}"),
                Err(_) => "tcp".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind_unix(path: &Path) -> Result<Vec<Listener>, Error> {
        bind(&Host::Unix(path.to_owned()), &mut ListenFd::empty(), false)
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
        let bind = |host: Host, allowed| bind(&host, &mut ListenFd::empty(), allowed);
        let tcp = |address: &str| Host::Tcp(address.to_owned());
        let address = bind(tcp("127.0.0.1:0"), false).expect("free")[0]
            .socket
            .address();
        assert!(
            address.starts_with("tcp://127.0.0.1:") && !address.ends_with(":0"),
            "{address}"
        );
        let error = bind(Host::Fd, false).expect_err("nothing");
        assert!(matches!(error, Error::NothingInherited), "{error}");
        let error = bind(tcp("0.0.0.0:0"), false).expect_err("for everybody");
        assert!(matches!(error, Error::Insecure { .. }), "{error}");
        let allowed = bind(tcp("0.0.0.0:0"), true).expect("free");
        assert!(allowed[0].socket.is_exposed());
    }
}
