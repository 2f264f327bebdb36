//! Pools of connections: sending one request under time limits, and explaining failures.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::time::Duration;

use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{CertificateError, InvalidMessage};

use super::proxy::Proxies;
use super::{ConnectError, Connector, Failure, Reply, RequestBody, Watch};
use crate::error::Fault;

/// Idle connections kept for a registry: as many as there are concurrent uploads.
const IDLE_CONNECTIONS: usize = 8;

/// How long idle connections are kept. Load balancers close theirs after about a minute.
const IDLE_TIME: Duration = Duration::from_secs(30);

/// Connections to hosts that share the same TLS settings.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    client: legacy::Client<Connector, RequestBody>,
    proxies: Proxies,
}

/// Time limits of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Without progress of a body.
    pub(crate) idle: Duration,
    /// From the last byte of the request to the head of the reply.
    pub(crate) answer: Duration,
    /// To open a connection, which comes before everything else.
    pub(crate) connect: Duration,
}

impl Pool {
    pub(crate) fn new(connector: Connector, proxies: Proxies) -> Self {
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_TIME)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { client, proxies }
    }

    /// Sends one request and returns the reply, whatever its status.
    pub(crate) async fn send(
        &self,
        mut request: Request<RequestBody>,
        patience: Patience,
    ) -> Result<Reply, Fault> {
        if request.uri().scheme_str() == Some("http")
            && let Some(proxy) = self.proxies.intercept(request.uri())
            && let Some(value) = proxy.basic_auth()
        {
            request
                .headers_mut()
                .insert(PROXY_AUTHORIZATION, value.clone());
        }
        let proxied = request.headers().get(PROXY_AUTHORIZATION).cloned();
        let url = request.uri().clone();
        let watch = request.body().watch();
        let answer = under_limits(self.client.request(request), &watch, patience).await?;
        match answer {
            Ok(response) => Ok(Reply::new(url, response, patience.idle, proxied)),
            Err(error) => Err(match watch.failure() {
                Some(Failure::Source(error)) => Fault::Source(error),
                Some(Failure::Size { expected, found }) => Fault::Size { expected, found },
                None => explain(&error),
            }),
        }
    }
}

/// Waits for the reply while the body advances, and for a while after its end.
async fn under_limits(
    answer: impl Future<Output = Result<Response<Incoming>, legacy::Error>>,
    watch: &Watch,
    patience: Patience,
) -> Result<Result<Response<Incoming>, legacy::Error>, Fault> {
    tokio::pin!(answer);
    // Which limit applies changes during the request, so check it periodically.
    let glance = patience.idle.min(patience.answer) / 4;
    loop {
        tokio::select! {
            answer = &mut answer => return Ok(answer),
            () = tokio::time::sleep(glance) => {
                let (moved, done) = watch.last_moved();
                let limit = match (done, watch.sent()) {
                    (true, _) => patience.answer,
                    // Before the first byte the connection may still be opening.
                    (false, 0) => patience.connect + patience.idle,
                    (false, _) => patience.idle,
                };
                if moved.elapsed() >= limit {
                    return Err(Fault::Stalled { limit });
                }
            }
        }
    }
}

/// Distinguishes an untrusted peer from an unreachable one.
fn explain(error: &legacy::Error) -> Fault {
    let mut text = String::new();
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<ConnectError>() {
            return match refused {
                ConnectError::Forbidden(_) => Fault::Redirect(refused.to_string()),
                ConnectError::Local { host, address } => Fault::LocalAddress {
                    host: host.clone(),
                    address: *address,
                },
                ConnectError::Tls { host, error } if is_tls(error) => {
                    refused_handshake(host, error)
                }
                ConnectError::Host(_) => Fault::Setup(refused.to_string()),
                refused if refused.lasts() => Fault::Unreachable(refused.to_string()),
                _ => Fault::Connection(refused.to_string()),
            };
        }
        // The client's own message is only "client error": the cause is what counts.
        if let Some(error) = error.downcast_ref::<io::Error>()
            && is_tls(error)
        {
            return Fault::Tls(error.to_string());
        }
        text = error.to_string();
        next = error.source();
    }
    Fault::Connection(text)
}

fn is_tls(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>())
}

/// Distinguishes the causes that a user can fix.
fn refused_handshake(host: &str, error: &io::Error) -> Fault {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let host = host.to_owned();
    match inner {
        // A CA of the same name with another key gives a bad signature.
        Some(rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => Fault::UnknownAuthority {
            host,
            said: error.to_string(),
            file: None,
        },
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            Fault::PlainHttp { host }
        }
        _ => Fault::Tls(format!("{host}: {error}")),
    }
}
