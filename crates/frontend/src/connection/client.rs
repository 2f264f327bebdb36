use std::future::{Future, ready};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net as unix;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, Interest};
use tokio::net::{TcpStream, UnixStream};

/// Ready when a client has left.
pub type Leaving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The stream of a client.
pub trait Client: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Tells of a client that sends nothing more when it takes nothing more either.
    fn leaving(&self) -> Leaving;

    /// Whether that is told at once. If not, it is only seen when something is sent.
    fn leaves_at_once(&self) -> bool;
}

/// Waits until a socket, which nobody else waits for, is closed for writing too.
macro_rules! closed {
    ($socket:expr) => {
        Box::pin(async move {
            let socket = $socket;
            while let Ok(ready) = socket.ready(Interest::WRITABLE).await {
                if ready.is_write_closed() {
                    break;
                }
                // Says that there was no room, so that the next change is waited for.
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
            // Out of files: a client that ends is taken for gone.
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

    /// The same FIN says that nothing more is sent, and that the client has left.
    fn leaves_at_once(&self) -> bool {
        false
    }
}

/// Both ends in one process: one that ends has left.
impl Client for DuplexStream {
    fn leaving(&self) -> Leaving {
        Box::pin(ready(()))
    }

    fn leaves_at_once(&self) -> bool {
        true
    }
}
