//! TLS to the server, with the library and the provider that are also used for registries.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use sockerless_tls::{Client, ServerVerification, file_roots, system_roots};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

/// Which servers to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Any server.
    Anybody,
    /// A server with a certificate of one of the authorities in the file, or of the system's by
    /// default.
    Issuer(Option<PathBuf>),
    /// The same, and the certificate has to be for the host.
    IssuerAndName(Option<PathBuf>),
}

/// Encrypts connections.
#[derive(Debug, Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Reads the certificates. Blocking. The error is a message.
    pub(super) fn new(trust: &Trust) -> Result<Self, String> {
        let verification = match trust {
            Trust::Anybody => ServerVerification::None,
            Trust::Issuer(file) => ServerVerification::Issuer(roots(file)?),
            Trust::IssuerAndName(file) => ServerVerification::IssuerAndName(roots(file)?),
        };
        let client = Client {
            verification,
            identity: None,
            // What a server expects when TLS begins without negotiation (`sslnegotiation=direct`).
            protocol: "postgresql",
        };
        let config = client.into_config().map_err(|error| error.to_string())?;
        Ok(Self(Arc::new(config)))
    }
}

/// The authorities in the file, or the system's.
fn roots(file: &Option<PathBuf>) -> Result<RootCertStore, String> {
    match file {
        Some(file) => file_roots(file).map_err(|error| format!("sslrootcert {error}")),
        None => Ok(system_roots()),
    }
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        Ok(Handshake {
            config: Arc::clone(&self.0),
            host: host.to_owned(),
        })
    }
}

/// One handshake that is about to begin.
#[derive(Debug)]
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    host: String,
}

type Secured<S> = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Secured<S>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let server = ServerName::try_from(self.host)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            let connector = tokio_rustls::TlsConnector::from(self.config);
            Ok(Stream(connector.connect(server, stream).await?))
        })
    }
}

/// An encrypted connection.
#[derive(Debug)]
pub(super) struct Stream<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let own = session.peer_certificates().and_then(|chain| chain.first());
        own.and_then(|certificate| super::binding::end_point(certificate))
            .map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
