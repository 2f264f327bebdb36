use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sockerless_engine::{Engine, Platform};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::images::LoadResult;
use crate::service;
use crate::system::Machine;

/// Time for the head of a request, and for a connection to stand idle before it. As dockerd's.
const HEAD_TIME: Duration = Duration::from_secs(5 * 60);

/// What a frontend tells of the daemon that it is part of.
#[derive(Debug, Clone)]
pub struct FrontendConfig {
    /// Version of the daemon: `0.1.0`.
    pub version: String,
    /// The platform that the daemon stands for: what `/info`, `/version` and the `Ostype` header
    /// say.
    pub platform: Platform,
    /// Which lines end a load.
    pub load_result: LoadResult,
    /// An ID of the daemon that stays the same as long as its data does.
    pub id: String,
    /// Where the data is; empty when nothing is kept.
    pub root_dir: String,
    /// Registries, as `HOST[:PORT]`, whose certificates are not verified.
    pub insecure_registries: Vec<String>,
    /// Labels and values that describe how images are kept, for `docker info`.
    pub driver_status: Vec<(String, String)>,
}

/// The Docker Engine API in front of an engine. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub struct Frontend {
    pub(crate) engine: Engine,
    pub(crate) config: Arc<FrontendConfig>,
    pub(crate) machine: Arc<Machine>,
}

impl Frontend {
    /// A frontend of `engine`. Reads what `/info` tells of this machine, which may block shortly.
    pub fn new(engine: Engine, config: FrontendConfig) -> Self {
        Self {
            engine,
            config: Arc::new(config),
            machine: Arc::new(Machine::read()),
        }
    }

    /// Serves one accepted connection until it ends.
    ///
    /// When `shutdown` completes, the request that runs is answered and then the connection is
    /// closed. Work for a client that leaves is dropped.
    pub async fn serve_connection<I, F>(&self, io: I, shutdown: F)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = ()> + Send,
    {
        let service = service_fn(|request| async {
            Ok::<_, Infallible>(service::answer(self, request).await)
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .title_case_headers(true)
                .serve_connection(TokioIo::new(io), service)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // A client that leaves early is no fault of anybody here.
            tracing::debug!(error = &error as &dyn std::error::Error, "connection broke");
        }
    }
}
