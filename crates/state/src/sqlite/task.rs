//! Requests to the threads that own connections.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;
use crate::Error;

/// One request to a thread.
pub(super) trait Task: Send {
    /// Whether it changes too much to share a transaction.
    fn is_large(&self) -> bool;

    /// Does the work inside a transaction. Returns `false` when its changes must be undone.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Sends the result to the caller; `end` is the outcome of the transaction.
    fn answer(self: Box<Self>, end: Result<(), Error>);
}

/// A [`Task`] made of a closure and the channel on which its result is awaited.
pub(super) struct Request<T, F> {
    large: bool,
    work: Option<F>,
    result: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<T, F> Request<T, F> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, Fault>>) -> Self {
        Self {
            large: false,
            work: Some(work),
            result: None,
            reply,
        }
    }

    /// The same request, with a transaction of its own if it is large.
    pub(super) fn large(self, large: bool) -> Self {
        Self { large, ..self }
    }
}

impl<T, F> Task for Request<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Fault> + Send,
{
    fn is_large(&self) -> bool {
        self.large
    }

    fn run(&mut self, connection: &Connection) -> bool {
        // The caller is gone, so the work is not begun.
        if self.reply.is_closed() {
            return false;
        }
        let Some(work) = self.work.take() else {
            return false;
        };
        let result = work(connection);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, end: Result<(), Error>) {
        let answer = match (self.result, end) {
            (Some(Ok(_)) | None, Err(error)) => Err(error.into()),
            (Some(result), _) => result,
            (None, Ok(())) => return,
        };
        // The caller may be gone by now, and needs no result then.
        drop(self.reply.send(answer));
    }
}
