//! The stream of a client, and how to find out that the client has disconnected.

use std::future::{Future, ready};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net as unix;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, Interest};
use tokio::net::{TcpStream, UnixStream};

/// Ready when a client has disconnected.
pub type Leaving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The stream of a client.
pub trait Client: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// A future for when a client that has stopped sending has stopped reading too.
    fn leaving(&self) -> Leaving;

    /// Whether that future is ready at once. If not, a disconnect is only noticed by sending.
    fn leaves_at_once(&self) -> bool;
}

/// Waits until a socket, which no other task waits for, is closed for writing too.
macro_rules! closed {
    ($socket:expr) => {
        Box::pin(async move {
            let socket = $socket;
            while let Ok(ready) = socket.ready(Interest::WRITABLE).await {
                if ready.is_write_closed() {
                    break;
                }
                // Reports that the socket was not ready, so that the next change is waited for.
                let full = || Err::<(), _>(io::Error::from(io::ErrorKind::WouldBlock));
                let _full = socket.try_io(Interest::WRITABLE, full);
            }
        })
    };
}

impl Client for UnixStream {
    fn leaving(&self) -> Leaving {
        let twin = self
            .as_fd()
            .try_clone_to_owned()
            .map(unix::UnixStream::from);
        match twin.and_then(Self::from_std) {
            Ok(twin) => closed!(twin),
            // No file descriptor is left: a client that stops sending counts as disconnected.
            Err(_) => Box::pin(ready(())),
        }
    }

    fn leaves_at_once(&self) -> bool {
        true
    }
}

impl Client for TcpStream {
    fn leaving(&self) -> Leaving {
        let twin = self.as_fd().try_clone_to_owned();
        let twin = twin.map(std::net::TcpStream::from);
        match twin.and_then(Self::from_std) {
            Ok(twin) => closed!(twin),
            Err(_) => Box::pin(ready(())),
        }
    }

    /// The same FIN means that nothing more is sent and that the client has disconnected.
    fn leaves_at_once(&self) -> bool {
        false
    }
}

/// Both ends are in one process: one that stops sending has disconnected.
impl Client for DuplexStream {
    fn leaving(&self) -> Leaving {
        Box::pin(ready(()))
    }

    fn leaves_at_once(&self) -> bool {
        true
    }
}
