use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::ending::Ending;
use crate::frontend::Frontend;
use crate::patience::Patient;
use crate::service;

/// Time for the head of a request, and for a connection to stand idle before it. As dockerd's.
const HEAD_TIME: Duration = Duration::from_secs(5 * 60);

impl Frontend {
    /// Serves one accepted connection until it ends.
    ///
    /// When `shutdown` completes, the request that runs is answered and then the connection is
    /// closed; an answer that would go on for ever (`GET /events`) ends. Work for a client that
    /// leaves, or that takes nothing of its answer for ten minutes, is dropped.
    pub async fn serve_connection<I, F>(&self, io: I, shutdown: F)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = ()> + Send,
    {
        let (running, ending) = Ending::new();
        let service = service_fn(|request| async {
            Ok::<_, Infallible>(service::answer(self, request, ending.clone()).await)
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .title_case_headers(true)
                .serve_connection(TokioIo::new(Patient::new(io)), service)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown => {
                drop(running);
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
