//! One connection: its admission, the checks before hyper, and its timeouts.

mod client;
mod crowd;
mod exchange;
mod fault;
mod framing;
mod front;
mod head;
mod limits;
mod patient;
mod target;

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

pub use self::client::{Client, Leaving};
use self::crowd::Admission;
pub(crate) use self::crowd::{Crowd, Room};
pub(crate) use self::exchange::Exchange;
pub use self::fault::Fault;
pub use self::framing::{Chunks, Framing};
use self::front::Front;
pub use self::head::{Head, end as end_of_head, judge as judge_head};
pub use self::limits::ConnectionLimits;
use self::patient::Patient;
use crate::frontend::Frontend;
use crate::service;

impl Frontend {
    /// Serves one accepted connection until it ends.
    ///
    /// It counts from this call on, before the future is polled: the earliest connection makes room
    /// first.
    ///
    /// When `shutdown` completes, the running request gets its response and then the connection is
    /// closed; a response without an end (`GET /events`) ends. Work for a client that disconnects,
    /// or that reads its response too slowly, is dropped; a client that has only stopped sending
    /// gets its response.
    pub fn serve_connection<I, F>(
        &self,
        io: I,
        shutdown: F,
    ) -> impl Future<Output = ()> + Send + use<I, F>
    where
        I: Client,
        F: Future<Output = ()> + Send,
    {
        let place = self.crowd.admit();
        let frontend = self.clone();
        async move {
            match place {
                Some(place) => frontend.serve_at(place, io, shutdown).await,
                None => tracing::warn!("a connection is closed at once: all places are taken"),
            }
        }
    }

    async fn serve_at<I, F>(&self, place: Admission, io: I, shutdown: F)
    where
        I: Client,
        F: Future<Output = ()> + Send,
    {
        let limits = &self.config.connections;
        let exchange = Arc::clone(&place.exchange);
        let io = Patient::new(io, self.images.patience());
        let front = Front::new(io, place, limits.heads(exchange.room()));
        let service = service_fn(|request| async {
            let exchange = Arc::clone(&exchange);
            Ok::<_, Infallible>(service::answer(self, request, exchange).await)
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.idle_time)
                .title_case_headers(true)
                .serve_connection(TokioIo::new(front), service)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown => {
                exchange.end_endless();
                exchange.yield_place();
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // A client that disconnects early is not an error here.
            tracing::debug!(error = &error as &dyn std::error::Error, "connection broke");
        }
    }
}
