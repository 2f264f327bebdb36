//! Answers that tell what happens while it happens.
//!
//! The work is part of the answer: hyper drops both when the client leaves. What fails before
//! there is anything to tell is answered with a status; after that only a last line can tell it.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::Response;
use hyper::http::request::Parts;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};

use crate::answer::{self, Body};
use crate::message::Message;
use crate::status::Failure;

/// How long nothing may be sent: half of the shortest time limit that clients are known to have.
const SILENCE: Duration = Duration::from_secs(30);

/// Readers of JSON skip it.
const BLANK: Bytes = Bytes::from_static(b"\r\n");

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is to be put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<E, T> {
    /// Something happened.
    Event(E),
    /// All is done: the last step.
    Done(T),
}

/// Work that tells events, and ends when this is dropped.
pub(crate) struct Work<E, T> {
    /// `None` once it has ended.
    running: Option<Boxed<Result<T, Failure>>>,
    outcome: Option<Result<T, Failure>>,
    /// `None` once nobody can send any.
    events: Option<mpsc::Receiver<E>>,
    /// Until this is ready, silence does not count.
    patience: Option<Boxed<()>>,
    silence: Pin<Box<Sleep>>,
}

impl<E, T> Work<E, T> {
    /// Work that sends what happens to `events`.
    pub(crate) fn new(
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
        events: mpsc::Receiver<E>,
    ) -> Self {
        Self {
            running: Some(Box::pin(work)),
            outcome: None,
            events: Some(events),
            patience: None,
            silence: Box::pin(sleep(SILENCE)),
        }
    }

    /// The same, but silence counts only when `ready` is: when the client has sent everything,
    /// say.
    pub(crate) fn patient_until(self, ready: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            patience: Some(Box::pin(ready)),
            ..self
        }
    }

    /// Waits for what happens next; `None` is too long a silence. Not to be called after
    /// [`Step::Done`] or an error, which come after every event.
    async fn next(&mut self) -> Result<Option<Step<E, T>>, Failure> {
        loop {
            if let Some(outcome) = self.outcome.take() {
                // What was sent last is still to be told. A sender that was left behind somewhere
                // holds nothing up.
                let waiting = self.events.as_mut();
                if let Some(event) = waiting.and_then(|events| events.try_recv().ok()) {
                    self.outcome = Some(outcome);
                    return Ok(Some(Step::Event(event)));
                }
                return outcome.map(|done| Some(Step::Done(done)));
            }
            let is_patient = self.patience.is_some();
            tokio::select! {
                biased;
                event = next_of(&mut self.events) => match event {
                    Some(event) => {
                        self.listen();
                        return Ok(Some(Step::Event(event)));
                    }
                    None => self.events = None,
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

    /// From now on silence counts anew.
    fn listen(&mut self) {
        self.silence.as_mut().reset(Instant::now() + SILENCE);
    }
}

/// The end of `work`; never when there is none.
async fn end_of<T>(work: &mut Option<Boxed<T>>) -> T {
    match work {
        Some(work) => work.await,
        None => pending().await,
    }
}

/// What `events` tells next; never anything when there are none.
async fn next_of<E>(events: &mut Option<mpsc::Receiver<E>>) -> Option<E> {
    match events {
        Some(events) => events.recv().await,
        None => pending().await,
    }
}

/// The lines of an answer, made while the work goes on.
struct Lines<E, T, W> {
    work: Work<E, T>,
    words: W,
    ready: VecDeque<Bytes>,
    done: bool,
}

impl<E, T, W: FnMut(Step<E, T>) -> Vec<Message>> Lines<E, T, W> {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some(line));
            }
            if self.done {
                return Ok(None);
            }
            let Some(step) = self.work.next().await? else {
                return Ok(Some(BLANK));
            };
            self.done = matches!(step, Step::Done(_));
            for message in (self.words)(step) {
                self.ready.push_back(answer::line(&message)?);
            }
        }
    }
}

/// Answers with what `words` makes of each step of `work`.
///
/// The head goes out with the first line. After too long a silence a blank line is sent, which
/// keeps the time limits of clients away; it also takes the head along.
///
/// # Errors
/// What the work fails with before the first line. Later failures become the last line and are
/// logged here.
pub(crate) async fn answer<E, T, W>(
    request: &Parts,
    work: Work<E, T>,
    words: W,
) -> Result<Response<Body>, Failure>
where
    E: Send + 'static,
    T: Send + 'static,
    W: FnMut(Step<E, T>) -> Vec<Message> + Send + 'static,
{
    let mut lines = Lines {
        work,
        words,
        ready: VecDeque::new(),
        done: false,
    };
    if let Some(first) = lines.next().await? {
        lines.ready.push_front(first);
    }
    let (method, path) = (request.method.clone(), request.uri.path().to_owned());
    let rest = stream::unfold(Some((lines, method, path)), |state| async move {
        let (mut lines, method, path) = state?;
        match lines.next().await {
            Ok(line) => line.map(|line| (line, Some((lines, method, path)))),
            Err(failure) => {
                failure.log(&method, &path);
                Some((answer::error_line(&failure.message), None))
            }
        }
    });
    Ok(answer::lines(rest))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};

    use http_body_util::BodyExt;
    use hyper::body::Incoming;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper::{Request, StatusCode};
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::sync::oneshot;

    use super::*;

    type Text = &'static str;

    fn words(step: Step<Text, Text>) -> Vec<Message> {
        match step {
            Step::Event("nothing to say") => Vec::new(),
            Step::Event(text) => vec![Message::status(text)],
            Step::Done(text) => vec![Message::stream(text), Message::stream("end")],
        }
    }

    fn parts() -> Parts {
        let request = Request::post("/images/create").body(());
        request.expect("a request").into_parts().0
    }

    fn failed() -> Failure {
        Failure::bad_request("it broke")
    }

    /// The whole answer, or status and message.
    async fn told(work: Work<Text, Text>) -> Result<String, (u16, String)> {
        let response = answer(&parts(), work, words).await;
        let response = response.map_err(|failure| (failure.status.as_u16(), failure.message))?;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
        let body = response.into_body().collect().await.expect("infallible");
        Ok(String::from_utf8(body.to_bytes().to_vec()).expect("UTF-8"))
    }

    /// Work that sends all events and then ends.
    fn script(events: &'static [Text], outcome: Result<Text, Failure>) -> Work<Text, Text> {
        let (sender, receiver) = mpsc::channel(2);
        let work = async move {
            for &event in events {
                sender.send(event).await.expect("somebody listens");
            }
            outcome
        };
        Work::new(work, receiver)
    }

    const BROKEN: Text = "{\"errorDetail\":{\"message\":\"it broke\"},\"error\":\"it broke\"}\r\n";

    #[tokio::test]
    async fn lines_come_in_order_and_the_outcome_last() {
        assert_eq!(
            told(script(&["a", "b", "c", "d", "e"], Ok("done"))).await,
            Ok([
                "{\"status\":\"a\"}\r\n",
                "{\"status\":\"b\"}\r\n",
                "{\"status\":\"c\"}\r\n",
                "{\"status\":\"d\"}\r\n",
                "{\"status\":\"e\"}\r\n",
                "{\"stream\":\"done\"}\r\n",
                "{\"stream\":\"end\"}\r\n",
            ]
            .concat())
        );
    }

    #[tokio::test]
    async fn an_error_before_the_first_line_is_a_status() {
        let refused = Err((400, "it broke".to_owned()));
        assert_eq!(told(script(&[], Err(failed()))).await, refused);
        let silent = script(&["nothing to say"], Err(failed()));
        assert_eq!(told(silent).await, refused);
    }

    #[tokio::test]
    async fn an_error_after_the_first_line_is_the_last_one() {
        let broken = told(script(&["a"], Err(failed()))).await;
        assert_eq!(broken, Ok(format!("{{\"status\":\"a\"}}\r\n{BROKEN}")));
    }

    #[tokio::test]
    async fn the_last_line_comes_after_what_was_sent_last() {
        let (sender, receiver) = mpsc::channel(8);
        let left_behind = sender.clone();
        let work = async move {
            for event in ["a", "b", "c"] {
                sender.try_send(event).expect("a place");
            }
            Ok("done")
        };
        let text = told(Work::new(work, receiver)).await.expect("lines");
        assert_eq!(
            text,
            "{\"status\":\"a\"}\r\n{\"status\":\"b\"}\r\n{\"status\":\"c\"}\r\n\
             {\"stream\":\"done\"}\r\n{\"stream\":\"end\"}\r\n"
        );
        assert!(left_behind.is_closed());
    }

    #[tokio::test]
    async fn work_may_have_nothing_to_tell() {
        let (_, receiver) = mpsc::channel(1);
        let work = async {
            tokio::task::yield_now().await;
            Ok("done")
        };
        let text = told(Work::new(work, receiver)).await.expect("lines");
        assert_eq!(text, "{\"stream\":\"done\"}\r\n{\"stream\":\"end\"}\r\n");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_broken_by_blank_lines() {
        let begun = Instant::now();
        let (sender, receiver) = mpsc::channel(1);
        let work = async move {
            sleep(Duration::from_secs(70)).await;
            sender.send("a").await.expect("somebody listens");
            sleep(Duration::from_secs(29)).await;
            sender.send("b").await.expect("somebody listens");
            sleep(Duration::from_secs(31)).await;
            Err(failed())
        };
        let response = answer(&parts(), Work::new(work, receiver), words).await;
        let response = response.map_err(|failure| failure.message).expect("a head");
        assert_eq!(begun.elapsed(), SILENCE, "the head comes with a blank line");
        let body = response.into_body().collect().await.expect("infallible");
        assert_eq!(
            body.to_bytes(),
            format!("\r\n\r\n{{\"status\":\"a\"}}\r\n{{\"status\":\"b\"}}\r\n\r\n{BROKEN}")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn silence_does_not_count_while_the_client_writes() {
        let (sender, receiver) = mpsc::channel::<Text>(1);
        let work = async move {
            let _sender = sender;
            sleep(Duration::from_secs(100)).await;
            Err::<Text, _>(failed())
        };
        let upload = sleep(Duration::from_secs(71));
        let work = Work::new(work, receiver).patient_until(upload);
        assert_eq!(told(work).await, Err((400, "it broke".to_owned())));
    }

    /// Serves one connection with `work`.
    fn serve(work: Work<Text, Text>) -> DuplexStream {
        let (client, server) = tokio::io::duplex(1 << 16);
        let work = Arc::new(Mutex::new(Some(work)));
        let service = service_fn(move |request: Request<Incoming>| {
            let work = work.lock().expect("unpoisoned").take();
            async move {
                let (parts, _) = request.into_parts();
                let answer = answer(&parts, work.expect("one request"), words).await;
                Ok::<_, Infallible>(answer.unwrap_or_else(|failure| {
                    crate::answer::error(failure.status, &failure.message)
                }))
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(server), service));
        client
    }

    const REQUEST: &[u8] = b"POST /images/create HTTP/1.1\r\nhost: x\r\n\r\n";

    async fn read_until(client: &mut DuplexStream, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            text.push(client.read_u8().await.expect("more").into());
        }
        text
    }

    #[tokio::test]
    async fn each_line_is_a_chunk_and_is_not_held_back() {
        let (sender, receiver) = mpsc::channel(1);
        let (go_on, go) = oneshot::channel();
        let mut client = serve(Work::new(
            async move {
                sender.send("a").await.expect("somebody listens");
                go.await.expect("the client has read");
                sender.send("b").await.expect("somebody listens");
                Ok("done")
            },
            receiver,
        ));
        client.write_all(REQUEST).await.expect("write");
        let head = read_until(&mut client, "\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("transfer-encoding: chunked\r\n"), "{head}");
        assert_eq!(
            read_until(&mut client, "}\r\n\r\n").await,
            "10\r\n{\"status\":\"a\"}\r\n\r\n"
        );
        go_on.send(()).expect("the work waits");
        let rest = read_until(&mut client, "\r\n0\r\n\r\n").await;
        assert!(
            rest.starts_with("10\r\n{\"status\":\"b\"}\r\n\r\n"),
            "{rest}"
        );
        assert!(rest.contains("{\"stream\":\"end\"}\r\n"), "{rest}");
    }

    /// Tells when it is dropped, by dropping a sender.
    fn endless(first: Option<Text>) -> (Work<Text, Text>, oneshot::Receiver<Infallible>) {
        let (alive, dropped) = oneshot::channel();
        let (sender, receiver) = mpsc::channel(1);
        let work = async move {
            let _alive = alive;
            if let Some(first) = first {
                sender.send(first).await.expect("somebody listens");
            }
            pending().await
        };
        (Work::new(work, receiver), dropped)
    }

    #[tokio::test]
    async fn a_client_that_leaves_ends_the_work() {
        let (work, dropped) = endless(Some("a"));
        let mut client = serve(work);
        client.write_all(REQUEST).await.expect("write");
        read_until(&mut client, "\"a\"}\r\n").await;
        drop(client);
        dropped.await.expect_err("nothing is ever sent");

        let (work, dropped) = endless(None);
        let mut client = serve(work);
        client.write_all(REQUEST).await.expect("write");
        drop(client);
        dropped.await.expect_err("nothing is ever sent");
    }

    #[tokio::test]
    async fn a_dropped_body_ends_the_work() {
        let (work, mut dropped) = endless(Some("a"));
        let response = answer(&parts(), work, words).await;
        let response = response.map_err(|failure| failure.message).expect("a head");
        assert!(
            dropped
                .try_recv()
                .is_err_and(|e| e == oneshot::error::TryRecvError::Empty)
        );
        drop(response);
        assert!(
            dropped
                .try_recv()
                .is_err_and(|e| e == oneshot::error::TryRecvError::Closed)
        );
    }
}
