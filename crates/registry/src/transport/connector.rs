//! Opening connections: directly or through a proxy, plain or over TLS.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::dial::dial;
use super::proxy::Proxies;
use super::reach::Reach;
use crate::host;

/// Opens connections for one pool.
#[derive(Clone)]
pub(crate) struct Connector {
    settings: Arc<Settings>,
    peer: Peer,
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
enum Peer {
    /// The server of a URL, possibly behind a proxy.
    Server,
    /// A proxy, for a tunnel to a server.
    Proxy,
}

pub(crate) struct Settings {
    pub(crate) tls: Arc<rustls::ClientConfig>,
    pub(crate) proxies: Proxies,
    pub(crate) timeout: Duration,
    pub(crate) reach: Reach,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{0} is not an address that this registry may send its clients to")]
    Forbidden(String),
    #[error("{host} is at {address}")]
    Local { host: String, address: IpAddr },
    #[error("lookup {host}: {}", lookup(.error))]
    Lookup { host: String, error: io::Error },
    #[error("dial tcp {host}: {}", connect(.error))]
    Connect { host: String, error: io::Error },
    #[error("TLS with {host}: {error}")]
    Tls { host: String, error: io::Error },
    #[error("the proxy {proxy} (of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY): {said}")]
    Proxy {
        proxy: String,
        said: String,
        /// Whether another try would fail the same way.
        lasts: bool,
    },
    #[error("no connection within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("{0} is not a host")]
    Host(String),
}

/// The message, which clients match on, for a name that does not resolve.
fn lookup(error: &io::Error) -> String {
    let text = error.to_string();
    let unknown = ["not known", "No address", "nodename nor servname"];
    match unknown.iter().any(|words| text.contains(words)) {
        true => "no such host".to_owned(),
        false => text,
    }
}

/// The message, which clients match on, for a refused connection.
fn connect(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
        _ => error.to_string(),
    }
}

impl ConnectError {
    /// Whether the next try would most likely fail the same way. A resolver that gives up has
    /// already retried by itself.
    pub(super) fn lasts(&self) -> bool {
        match self {
            Self::Lookup { .. } => true,
            Self::Connect { error, .. } => matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
                    | io::ErrorKind::AddrNotAvailable
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::NotFound
            ),
            Self::Proxy { lasts, .. } => *lasts,
            _ => false,
        }
    }

    /// The failure of a proxy, by its last cause: the first ones only say "tunnel".
    fn proxy(proxy: &Uri, error: &(dyn StdError + 'static)) -> Self {
        let mut said = error.to_string();
        // A proxy that requires a password will require it again.
        let mut lasts = said.contains("authorization required");
        let mut next = Some(error);
        while let Some(cause) = next {
            said = cause.to_string();
            lasts |= cause.downcast_ref().is_some_and(Self::lasts);
            next = cause.source();
        }
        Self::Proxy {
            proxy: name_of(proxy),
            said,
            lasts,
        }
    }
}

/// `HOST[:PORT]` of a proxy, without user and password.
fn name_of(proxy: &Uri) -> String {
    let host = proxy.host().unwrap_or_default();
    match proxy.port_u16() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub(crate) struct Link {
    io: TokioIo<Box<dyn Duplex>>,
    /// Whether requests must have the full URL, for the proxy at the other end.
    proxied: bool,
}

impl Connector {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            peer: Peer::Server,
        }
    }

    /// Opens connections to proxies with the same settings.
    fn to_proxies(&self) -> Self {
        Self {
            settings: Arc::clone(&self.settings),
            peer: Peer::Proxy,
        }
    }

    async fn open(self, uri: Uri) -> Result<Link, ConnectError> {
        let opening = async {
            match self.peer {
                Peer::Server => self.open_server(uri).await,
                Peer::Proxy => self.open_proxy(&uri).await,
            }
        };
        let timeout = self.settings.timeout;
        match tokio::time::timeout(timeout, opening).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ConnectError::Timeout(timeout)),
        }
    }

    async fn open_server(&self, uri: Uri) -> Result<Link, ConnectError> {
        let secure = uri.scheme_str() != Some("http");
        let name = uri.host().unwrap_or_default().to_owned();
        self.settings.reach.admit_host(&name)?;
        let Some(proxy) = self.settings.proxies.intercept(&uri) else {
            let stream = dial(&name, host::port(&uri), &self.settings.reach).await?;
            return self.secured(secure, &name, stream).await;
        };

        let through = self.to_proxies();
        let opened = match proxy.uri().scheme_str() {
            Some("socks5" | "socks5h") => {
                let mut socks = SocksV5::new(proxy.uri().clone(), through);
                if let Some((user, password)) = proxy.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                socks
                    .call(uri)
                    .await
                    .map_err(|error| ConnectError::proxy(proxy.uri(), &error))?
            }
            Some("http" | "https") if secure => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), through);
                if let Some(value) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(value.clone());
                }
                tunnel
                    .call(uri)
                    .await
                    .map_err(|error| ConnectError::proxy(proxy.uri(), &error))?
            }
            Some("http" | "https") => {
                let link = self.open_proxy(proxy.uri()).await;
                let link = link.map_err(|error| ConnectError::proxy(proxy.uri(), &error))?;
                return Ok(Link {
                    proxied: true,
                    ..link
                });
            }
            other => {
                let scheme = other.unwrap_or_default();
                return Err(ConnectError::Proxy {
                    proxy: name_of(proxy.uri()),
                    said: format!("scheme {scheme:?} is not supported"),
                    lasts: true,
                });
            }
        };
        if secure {
            self.secured(true, &name, opened.io.into_inner()).await
        } else {
            Ok(opened)
        }
    }

    async fn open_proxy(&self, proxy: &Uri) -> Result<Link, ConnectError> {
        let name = proxy.host().unwrap_or_default();
        let port = proxy.port_u16().unwrap_or(match proxy.scheme_str() {
            Some("https") => 443,
            Some("http") => 80,
            _ => 1080,
        });
        let stream = dial(name, port, &Reach::Anywhere).await?;
        let secure = proxy.scheme_str() == Some("https");
        self.secured(secure, name, stream).await
    }

    /// The stream as it is, or under TLS with the host `name`.
    async fn secured<S: Duplex + 'static>(
        &self,
        secure: bool,
        name: &str,
        stream: S,
    ) -> Result<Link, ConnectError> {
        if !secure {
            return Ok(plain(stream));
        }
        let server = ServerName::try_from(host::bare(name).to_owned())
            .map_err(|_| ConnectError::Host(name.to_owned()))?;
        let secured = TlsConnector::from(Arc::clone(&self.settings.tls))
            .connect(server, stream)
            .await
            .map_err(|error| ConnectError::Tls {
                host: name.to_owned(),
                error,
            })?;
        Ok(plain(secured))
    }
}

fn plain(stream: impl Duplex + 'static) -> Link {
    Link {
        io: TokioIo::new(Box::new(stream)),
        proxied: false,
    }
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
            .field("reach", &self.settings.reach)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
