//! The body of a request, and what happens to an unread rest.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, EXPECT, HeaderMap, HeaderValue};
use sockerless_images::Patience;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::answer::Body;
use crate::query::Params;
use crate::status::Failure;

/// How much of an unread body is discarded, so that a client that writes everything before it reads
/// still gets its response and not a reset.
const DRAIN_BYTES: u64 = 64 << 20;
/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// An unread body up to this size does not end the connection.
const SMALL_BYTES: u64 = 256 << 10;
/// The largest form, as Go has it.
const FORM_BYTES: usize = 10 << 20;

/// The body of a request as a stream of bytes.
///
/// It is not read ahead. When it is dropped before its end, the rest goes to [`Rest`].
#[derive(Debug)]
pub(crate) struct Upload {
    body: Option<Incoming>,
    state: Arc<State>,
    home: Option<oneshot::Sender<Incoming>>,
    held: Option<oneshot::Sender<()>>,
    is_form: bool,
    patience: Patience,
}

/// What remains of an [`Upload`] when the response is ready.
#[derive(Debug)]
pub(crate) struct Rest {
    body: oneshot::Receiver<Incoming>,
    state: Arc<State>,
    /// The client waits for `100 Continue` before it sends the body.
    expects: bool,
}

#[derive(Debug, Default)]
struct State {
    begun: AtomicBool,
}

impl Upload {
    pub(crate) fn new(body: Incoming, headers: &HeaderMap, patience: Patience) -> (Self, Rest) {
        let state = Arc::new(State::default());
        let (home, rest) = oneshot::channel();
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let upload = Self {
            body: Some(body),
            state: Arc::clone(&state),
            home: Some(home),
            held: None,
            is_form: content_type.is_some_and(is_form),
            patience,
        };
        (
            upload,
            Rest {
                body: rest,
                state,
                expects: headers.contains_key(EXPECT),
            },
        )
    }

    /// The parameters of a form body; any other body has none and is not read.
    pub(crate) async fn form(self) -> Result<Params, Failure> {
        if !self.is_form {
            return Ok(Params::default());
        }
        let form = self.whole(FORM_BYTES, "http: POST too large").await?;
        Params::parse(&String::from_utf8_lossy(&form))
            .map_err(|error| Failure::bad_request(error.to_string()))
    }

    /// All of a small body.
    ///
    /// # Errors
    /// 400, with the message `too_large` for one of more than `limit` bytes, and for one that is
    /// incomplete or too slow.
    pub(crate) async fn whole(mut self, limit: usize, too_large: &str) -> Result<Bytes, Failure> {
        let mut whole = BytesMut::new();
        loop {
            let (left, since) = (self.patience.left(), Instant::now());
            let next = tokio::time::timeout(left, self.next()).await;
            let next = next.map_err(|_| {
                Failure::bad_request(
                    "the upload ended early: it came too slowly (see --client-timeout and \
                     --min-client-rate)",
                )
            })?;
            self.patience.waited(since.elapsed());
            let Some(bytes) = next else {
                return Ok(whole.freeze());
            };
            let bytes = bytes.map_err(|error| {
                Failure::bad_request(format!("the upload ended early: {error}"))
            })?;
            if whole.len() + bytes.len() > limit {
                return Err(Failure::bad_request(too_large));
            }
            self.patience.moved(bytes.len() as u64);
            whole.extend_from_slice(&bytes);
        }
    }

    /// Ready when this is dropped, so that the body is no longer read.
    pub(crate) fn dropped(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let (held, dropped) = oneshot::channel();
        self.held = Some(held);
        async move {
            // Nothing is ever sent: the channel ends with its sender.
            let (Ok(()) | Err(_)) = dropped.await;
        }
    }
}

fn is_form(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

impl Stream for Upload {
    type Item = Result<Bytes, hyper::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.state.begun.store(true, Ordering::Relaxed);
        loop {
            let Some(body) = this.body.as_mut() else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    // Trailers are ignored.
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => {
                    this.body = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    this.body = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(body), Some(home)) = (self.body.take(), self.home.take())
            && !body.is_end_stream()
        {
            // The receiver is gone when the client has disconnected.
            drop(home.send(body));
        }
    }
}

impl Rest {
    /// Handles the unread part of the body, now that the response is known.
    ///
    /// It is discarded in the background while the response is sent, within bounds. Unless it is
    /// small, the response announces the end of the connection.
    pub(crate) fn settle(mut self, response: &mut Response<Body>) {
        let body = match self.body.try_recv() {
            Ok(body) => Some(body),
            // Read to its end, or failed.
            Err(oneshot::error::TryRecvError::Closed) => return,
            // Its reader is about to drop it.
            Err(oneshot::error::TryRecvError::Empty) => None,
        };
        let small = body
            .as_ref()
            .and_then(|body| body.size_hint().upper())
            .is_some_and(|size| size <= SMALL_BYTES);
        let unasked = self.expects && !self.state.begun.load(Ordering::Relaxed);
        if unasked || !small {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if unasked {
            // Reading it would make the client send it.
            return;
        }
        tokio::spawn(tokio::time::timeout(DRAIN_TIME, async move {
            let body = match body {
                Some(body) => Some(body),
                None => self.body.await.ok(),
            };
            if let Some(body) = body {
                drain(body).await;
            }
        }));
    }
}

async fn drain(mut body: Incoming) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        if bytes > left {
            return;
        }
        left -= bytes;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper::{Request, StatusCode};
    use hyper_util::rt::TokioIo;
    use sockerless_images::Pace;
    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

    use super::*;
    use crate::answer;

    const STALL: Duration = Duration::from_secs(600);

    fn patience() -> Patience {
        Patience::new(Pace {
            limit: STALL,
            rate: 0,
        })
    }

    #[test]
    fn content_types_of_forms() {
        for form in [
            "application/x-www-form-urlencoded",
            " Application/X-WWW-Form-Urlencoded ; charset=utf-8",
        ] {
            assert!(is_form(form), "{form}");
        }
        for other in [
            "",
            "application/x-tar",
            "multipart/form-data; boundary=x",
            ";",
        ] {
            assert!(!is_form(other), "{other}");
        }
    }

    /// Reads one piece of a body for `/begin`, nothing for any other path, and refuses it.
    async fn refuse(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let (parts, body) = request.into_parts();
        let (mut upload, rest) = Upload::new(body, &parts.headers, patience());
        if parts.uri.path() == "/begin" {
            upload.next().await;
        }
        drop(upload);
        let mut response = answer::error(StatusCode::INTERNAL_SERVER_ERROR, "no");
        rest.settle(&mut response);
        Ok(response)
    }

    /// Reads all of a small body.
    async fn take(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let (parts, body) = request.into_parts();
        let (upload, rest) = Upload::new(body, &parts.headers, patience());
        let mut response = match upload.whole(64, "too large").await {
            Ok(_) => answer::empty(StatusCode::OK),
            Err(failure) => answer::error(failure.status, &failure.message),
        };
        rest.settle(&mut response);
        Ok(response)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_given_up() {
        let (mut client, server) = tokio::io::duplex(1 << 10);
        let service = service_fn(take);
        let connection = http1::Builder::new().serve_connection(TokioIo::new(server), service);
        tokio::spawn(connection);
        let begun = tokio::time::Instant::now();
        let head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf";
        client.write_all(head).await.expect("written");
        let mut answer = [0; 24];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 400 Bad Request");
        assert_eq!(begun.elapsed().as_secs(), STALL.as_secs());
    }

    fn serve(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(io), service_fn(refuse));
        tokio::spawn(connection);
    }

    /// Writes 20 MiB before it reads anything.
    async fn writes_first(mut client: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
        const SIZE: usize = 20 << 20;
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {SIZE}\r\n\r\n");
        client.write_all(head.as_bytes()).await.expect("write head");
        client.write_all(&vec![7; SIZE]).await.expect("write body");
        let mut response = String::new();
        client
            .read_to_string(&mut response)
            .await
            .expect("read response");
        response
    }

    fn assert_refused_and_closed(response: &str) {
        assert!(
            response.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
            "{response}"
        );
        assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
        assert!(
            response.ends_with("\r\n\r\n{\"message\":\"no\"}\n"),
            "{response}"
        );
    }

    #[tokio::test]
    async fn who_writes_first_still_reads_the_error_over_tcp() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        for path in ["/begin", "/"] {
            let client = TcpStream::connect(address).await.expect("connect");
            serve(listener.accept().await.expect("accept").0);
            assert_refused_and_closed(&writes_first(client, path).await);
        }
    }

    #[tokio::test]
    async fn who_writes_first_still_reads_the_error_over_unix() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).expect("bind");
        for target in ["/begin", "/"] {
            let client = UnixStream::connect(&path).await.expect("connect");
            serve(listener.accept().await.expect("accept").0);
            assert_refused_and_closed(&writes_first(client, target).await);
        }
    }

    #[tokio::test]
    async fn who_asks_first_is_not_asked_for_the_body() {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        serve(server);
        client
            .write_all(
                b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n",
            )
            .await
            .expect("write");
        let mut response = String::new();
        client.read_to_string(&mut response).await.expect("read");
        assert_refused_and_closed(&response);
    }

    #[tokio::test]
    async fn a_small_unread_body_does_not_cost_the_connection() {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        serve(server);
        for _ in 0..2 {
            let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nabcde";
            client.write_all(request).await.expect("write");
            let mut response = String::new();
            while !response.ends_with("{\"message\":\"no\"}\n") {
                let byte = client.read_u8().await.expect("the connection stays");
                response.push(byte.into());
            }
            assert!(!response.contains("connection: close"), "{response}");
        }
    }
}
