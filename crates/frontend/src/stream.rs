//! Responses that report progress while the work runs.
//!
//! The work is part of the response: hyper drops both when the client disconnects. A failure before
//! the first line is a status; after that it can only be the last line.

use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::Response;
use hyper::http::request::Parts;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};
use tracing::{Instrument, Span};

use crate::answer::{self, Body};
use crate::message::Message;
use crate::status::Failure;

/// How long nothing may be sent: half of the shortest time limit that clients are known to have.
const SILENCE: Duration = Duration::from_secs(30);

/// Parsers of JSON skip it.
const BLANK: Bytes = Bytes::from_static(b"\r\n");

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A step of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<U, T> {
    /// Progress.
    Update(U),
    /// The result: the last step.
    Done(T),
}

/// Work that sends updates, and ends when this is dropped.
pub(crate) struct Work<U, T> {
    /// `None` once it has ended.
    running: Option<Boxed<Result<T, Failure>>>,
    outcome: Option<Result<T, Failure>>,
    /// `None` once all senders are dropped.
    updates: Option<mpsc::Receiver<U>>,
    /// Until this is ready, silence does not count.
    patience: Option<Boxed<()>>,
    silence: Pin<Box<Sleep>>,
}

impl<U, T> Work<U, T> {
    /// Work that sends its progress to `updates`.
    pub(crate) fn new(
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
        updates: mpsc::Receiver<U>,
    ) -> Self {
        Self {
            running: Some(Box::pin(work)),
            outcome: None,
            updates: Some(updates),
            patience: None,
            silence: Box::pin(sleep(SILENCE)),
        }
    }

    /// The same, but silence counts only once `ready` is, for example when the client has sent
    /// everything.
    pub(crate) fn patient_until(self, ready: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            patience: Some(Box::pin(ready)),
            ..self
        }
    }

    /// Waits for the next step; `None` after too long a silence. Not to be called after
    /// [`Step::Done`] or an error, which come after every update.
    async fn next(&mut self) -> Result<Option<Step<U, T>>, Failure> {
        loop {
            if let Some(outcome) = self.outcome.take() {
                // The last updates are still sent. A sender that was not dropped does not block the
                // end.
                let waiting = self.updates.as_mut();
                if let Some(update) = waiting.and_then(|updates| updates.try_recv().ok()) {
                    self.outcome = Some(outcome);
                    return Ok(Some(Step::Update(update)));
                }
                return outcome.map(|done| Some(Step::Done(done)));
            }
            let is_patient = self.patience.is_some();
            tokio::select! {
                biased;
                update = next_of(&mut self.updates) => match update {
                    Some(update) => {
                        self.listen();
                        return Ok(Some(Step::Update(update)));
                    }
                    None => self.updates = None,
                },
                outcome = end_of(&mut self.running) => {
                    self.running = None;
                    self.outcome = Some(outcome);
                }
                () = end_of(&mut self.patience) => {
                    self.patience = None;
                    self.listen();
                }
                () = &mut self.silence, if !is_patient => {
                    self.listen();
                    return Ok(None);
                }
            }
        }
    }

    /// Restarts the timeout for silence.
    fn listen(&mut self) {
        self.silence.as_mut().reset(Instant::now() + SILENCE);
    }
}

/// The result of `work`; never ready when there is none.
async fn end_of<T>(work: &mut Option<Boxed<T>>) -> T {
    match work {
        Some(work) => work.await,
        None => pending().await,
    }
}

/// The next of `updates`; never ready when there are none.
async fn next_of<U>(updates: &mut Option<mpsc::Receiver<U>>) -> Option<U> {
    match updates {
        Some(updates) => updates.recv().await,
        None => pending().await,
    }
}

/// The lines of a response, made while the work runs: each when it is sent, because there may be
/// one for each of a hundred thousand names.
struct Lines<U, T, W, I: IntoIterator> {
    work: Work<U, T>,
    words: W,
    /// The first line, made before the head was sent.
    first: Option<Bytes>,
    /// The remaining lines of the last step.
    messages: Option<I::IntoIter>,
    done: bool,
}

impl<U, T, W, I> Lines<U, T, W, I>
where
    W: FnMut(Step<U, T>) -> I,
    I: IntoIterator<Item = Message>,
{
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            if let Some(line) = self.first.take() {
                return Ok(Some(line));
            }
            if let Some(message) = self.messages.as_mut().and_then(Iterator::next) {
                return Ok(Some(answer::line(&message)?));
            }
            self.messages = None;
            if self.done {
                return Ok(None);
            }
            let Some(step) = self.work.next().await? else {
                return Ok(Some(BLANK));
            };
            self.done = matches!(step, Step::Done(_));
            self.messages = Some((self.words)(step).into_iter());
        }
    }
}

/// Responds with the lines that `words` makes of each step of `work`.
///
/// The head is sent with the first line. After too long a silence a blank line is sent, which
/// prevents timeouts of clients; it sends the head as well.
///
/// # Errors
/// The error of the work before the first line. Later failures become the last line and are logged
/// here.
pub(crate) async fn answer<U, T, W, I>(
    request: &Parts,
    work: Work<U, T>,
    words: W,
) -> Result<Response<Body>, Failure>
where
    U: Send + 'static,
    T: Send + 'static,
    W: FnMut(Step<U, T>) -> I + Send + 'static,
    I: IntoIterator<Item = Message, IntoIter: Send> + 'static,
{
    let mut lines = Lines {
        work,
        words,
        first: None,
        messages: None,
        done: false,
    };
    if let Some(first) = lines.next().await? {
        lines.first = Some(first);
    }
    let (method, path) = (request.method.clone(), request.uri.path().to_owned());
    // Logs while the response is sent belong to the request too.
    let span = Span::current();
    let rest = stream::unfold(Some((lines, method, path)), move |state| {
        let next = async {
            let (mut lines, method, path) = state?;
            match lines.next().await {
                Ok(line) => line.map(|line| (line, Some((lines, method, path)))),
                Err(failure) => {
                    failure.log(&method, &path);
                    Some((answer::error_line(&failure.message), None))
                }
            }
        };
        next.instrument(span.clone())
    });
    Ok(answer::lines(rest))
}

#[cfg(test)]
mod tests;
