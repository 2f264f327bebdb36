//! The queue of requests, and the threads that serve it.

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;
use super::task::{Request, Task};
use crate::Error;

/// Requests that may wait for a thread. Further callers wait for room in the queue.
const QUEUE: usize = 256;

/// What the threads of a worker receive.
pub(super) type Queue = mpsc::Receiver<Box<dyn Task>>;

/// Threads that serve one queue. Dropping it lets them finish the queue, and joins them.
pub(super) struct Worker {
    store: Arc<str>,
    /// Taken when the worker is dropped, which makes the threads end.
    queue: Option<mpsc::Sender<Box<dyn Task>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Worker {
    /// A worker without a thread yet, and the queue to give to its threads.
    pub(super) fn new(store: Arc<str>) -> (Self, Queue) {
        let (sender, queue) = mpsc::channel(QUEUE);
        (
            Self {
                store,
                queue: Some(sender),
                threads: Vec::new(),
            },
            queue,
        )
    }

    /// Starts a thread that opens its connection and then serves; returns when it is open.
    pub(super) async fn start(
        &mut self,
        name: &str,
        open: impl FnOnce() -> Result<Connection, Fault> + Send + 'static,
        serve: impl FnOnce(Connection) + Send + 'static,
    ) -> Result<(), Error> {
        let (opened, ready) = oneshot::channel();
        let body = move || match open() {
            // If the caller is gone, the connection is closed again.
            Ok(connection) => {
                if opened.send(Ok(())).is_ok() {
                    serve(connection);
                }
            }
            Err(fault) => drop(opened.send(Err(fault))),
        };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(body);
        self.threads.push(
            thread.map_err(|error| Fault::unavailable(error).into_error(&self.store, OPENING))?,
        );
        match ready.await {
            Ok(result) => result.map_err(|fault| fault.into_error(&self.store, OPENING)),
            Err(_) => Err(self.closed()),
        }
    }

    /// Runs `work` in a transaction and returns its result, once that is committed.
    pub(super) async fn ask<T, F>(&self, doing: &'static str, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.ask_much(false, doing, work).await
    }

    /// As [`ask`](Self::ask); `large` work has a transaction of its own.
    pub(super) async fn ask_much<T, F>(
        &self,
        large: bool,
        doing: &'static str,
        work: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(|| self.closed())?;
        queue
            .send(Box::new(Request::new(work, reply).large(large)))
            .await
            .map_err(|_| self.closed())?;
        answer
            .await
            .map_err(|_| self.closed())?
            .map_err(|fault| fault.into_error(&self.store, doing))
    }

    fn closed(&self) -> Error {
        Error::Closed {
            store: self.store.to_string(),
        }
    }
}

const OPENING: &str = "opening it";

impl Drop for Worker {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!(store = %self.store, "a thread of the state store has panicked");
            }
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}
