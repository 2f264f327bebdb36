use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::network::Neighbourhood;
use super::proxy::Proxies;
use crate::host;

/// How long one address is given before the next one is tried beside it.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// Opens connections for one pool: straight or through a proxy, plain or over TLS.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Settings>);

pub(crate) struct Settings {
    pub(crate) tls: Arc<rustls::ClientConfig>,
    pub(crate) proxies: Proxies,
    pub(crate) timeout: Duration,
    pub(crate) neighbourhood: Arc<Neighbourhood>,
    /// Whether this pool talks to the registry itself, wherever that is, or to hosts that the
    /// registry named, which must be in its neighbourhood.
    pub(crate) registry_itself: bool,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{0} is not an address that this registry may send its clients to")]
    Forbidden(String),
    #[error("looking up {host}: {error}")]
    Lookup { host: String, error: io::Error },
    #[error("connecting to {host}: {error}")]
    Connect { host: String, error: io::Error },
    #[error("TLS with {host}: {error}")]
    Tls { host: String, error: io::Error },
    #[error("proxy: {0}")]
    Proxy(String),
    #[error("no connection within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("{0} is not a host")]
    Host(String),
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub(crate) struct Link {
    io: TokioIo<Box<dyn Duplex>>,
    /// Whether requests must name the whole URL, for the proxy at the other end.
    proxied: bool,
}

impl Connector {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    async fn open(self, uri: Uri) -> Result<Link, ConnectError> {
        let timeout = self.0.timeout;
        match tokio::time::timeout(timeout, self.establish(uri)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ConnectError::Timeout(timeout)),
        }
    }

    async fn establish(self, uri: Uri) -> Result<Link, ConnectError> {
        let secure = uri.scheme_str() != Some("http");
        let name = uri.host().unwrap_or_default().to_owned();
        let Some(proxy) = self.0.proxies.intercept(&uri) else {
            let stream = self.dial(&name, host::port(&uri)).await?;
            return if secure {
                self.shake_hands(&name, stream).await
            } else {
                Ok(plain(stream))
            };
        };

        let through = ProxyDialer(self.clone());
        let opened = match proxy.uri().scheme_str() {
            Some("socks5" | "socks5h") => {
                let mut socks = SocksV5::new(proxy.uri().clone(), through);
                if let Some((user, password)) = proxy.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                socks
                    .call(uri)
                    .await
                    .map_err(|error| ConnectError::Proxy(error.to_string()))?
            }
            Some("http" | "https") if secure => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), through);
                if let Some(value) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(value.clone());
                }
                tunnel
                    .call(uri)
                    .await
                    .map_err(|error| ConnectError::Proxy(error.to_string()))?
            }
            Some("http" | "https") => {
                let link = self.dial_proxy(proxy.uri().clone()).await?;
                return Ok(Link {
                    proxied: true,
                    ..link
                });
            }
            other => {
                let scheme = other.unwrap_or_default();
                return Err(ConnectError::Proxy(format!(
                    "scheme {scheme:?} is not supported"
                )));
            }
        };
        if secure {
            self.shake_hands(&name, opened.io.into_inner()).await
        } else {
            Ok(opened)
        }
    }

    /// Connects to the first address of `name` that answers.
    async fn dial(&self, name: &str, port: u16) -> Result<TcpStream, ConnectError> {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let looked_up = tokio::net::lookup_host((bare, port)).await;
        let addresses: Vec<_> = looked_up
            .map_err(|error| ConnectError::Lookup {
                host: name.to_owned(),
                error,
            })?
            .filter(|address| self.0.registry_itself || self.0.neighbourhood.admits(address.ip()))
            .collect();
        if addresses.is_empty() {
            return Err(ConnectError::Forbidden(name.to_owned()));
        }
        let (stream, address) =
            first_to_answer(&addresses)
                .await
                .map_err(|error| ConnectError::Connect {
                    host: format!("{name}:{port}"),
                    error,
                })?;
        if self.0.registry_itself {
            self.0.neighbourhood.note(address.ip());
        }
        Ok(stream)
    }

    async fn shake_hands<S: Duplex + 'static>(
        &self,
        name: &str,
        stream: S,
    ) -> Result<Link, ConnectError> {
        let bare = name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let server = ServerName::try_from(bare).map_err(|_| ConnectError::Host(name.to_owned()))?;
        let secured = TlsConnector::from(Arc::clone(&self.0.tls))
            .connect(server, stream)
            .await
            .map_err(|error| ConnectError::Tls {
                host: name.to_owned(),
                error,
            })?;
        Ok(plain(secured))
    }

    async fn dial_proxy(&self, proxy: Uri) -> Result<Link, ConnectError> {
        let name = proxy.host().unwrap_or_default().to_owned();
        let secure = proxy.scheme_str() == Some("https");
        let port = proxy.port_u16().unwrap_or(match proxy.scheme_str() {
            Some("https") => 443,
            Some("http") => 80,
            _ => 1080,
        });
        // The proxy is where the user put it: any address will do.
        let addresses: Vec<_> =
            tokio::net::lookup_host((name.trim_start_matches('[').trim_end_matches(']'), port))
                .await
                .map_err(|error| ConnectError::Lookup {
                    host: name.clone(),
                    error,
                })?
                .collect();
        let (stream, _) =
            first_to_answer(&addresses)
                .await
                .map_err(|error| ConnectError::Connect {
                    host: format!("{name}:{port}"),
                    error,
                })?;
        if secure {
            self.shake_hands(&name, stream).await
        } else {
            Ok(plain(stream))
        }
    }
}

fn plain(stream: impl Duplex + 'static) -> Link {
    Link {
        io: TokioIo::new(Box::new(stream)),
        proxied: false,
    }
}

/// Tries the addresses one after the other: the next one as soon as one fails or is slow.
async fn first_to_answer(addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    let mut untried = addresses.iter();
    let mut tries = FuturesUnordered::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        if let Some(address) = untried.next() {
            tries.push(connect(*address));
        } else if tries.is_empty() {
            return Err(last);
        }
        tokio::select! {
            Some(outcome) = tries.next() => match outcome {
                Ok(connected) => return Ok(connected),
                Err(error) => last = error,
            },
            () = tokio::time::sleep(NEXT_ADDRESS), if untried.len() > 0 => {}
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<(TcpStream, SocketAddr)> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok((stream, address))
}

type Opening = Pin<Box<dyn Future<Output = Result<Link, ConnectError>> + Send>>;

impl Service<Uri> for Connector {
    type Response = Link;
    type Error = ConnectError;
    type Future = Opening;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Opening {
        Box::pin(self.clone().open(uri))
    }
}

/// Opens the connection to a proxy, for what then speaks to the proxy.
struct ProxyDialer(Connector);

impl Service<Uri> for ProxyDialer {
    type Response = Link;
    type Error = ConnectError;
    type Future = Opening;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, proxy: Uri) -> Opening {
        let connector = self.0.clone();
        Box::pin(async move { connector.dial_proxy(proxy).await })
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.proxied)
    }
}

impl hyper::rt::Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl hyper::rt::Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, buffers)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("registry_itself", &self.0.registry_itself)
            .finish_non_exhaustive()
    }
}
