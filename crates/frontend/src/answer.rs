//! Bodies of responses: complete ones and streams.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use sockerless_images::Images;

use crate::connection::Exchange;
use crate::status::Failure;

pub(crate) type Body = UnsyncBoxBody<Bytes, Broken>;

/// The end of a body that cannot be finished. It ends the connection without the last chunk, so
/// that no client takes the part for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer cannot be finished")]
pub(crate) struct Broken;

/// A body that reports when it was sent or dropped: the connection waits for the next request then.
#[derive(Debug)]
pub(crate) struct Answering<B> {
    body: B,
    exchange: Arc<Exchange>,
}

impl<B> Answering<B> {
    pub(crate) fn new(body: B, exchange: Arc<Exchange>) -> Self {
        Self { body, exchange }
    }
}

impl<B: hyper::body::Body + Unpin> hyper::body::Body for Answering<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Answering<B> {
    fn drop(&mut self) {
        self.exchange.end();
    }
}

/// Clients compare it exactly: there must be no charset.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    whole(status, Bytes::new())
}

/// A line of plain text.
pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = whole(status, text.into());
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}

/// One JSON value and a line feed, with its length.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<Response<Body>, Failure> {
    let mut text = serde_json::to_vec(value).map_err(unwritable)?;
    text.push(b'\n');
    let mut response = whole(StatusCode::OK, text.into());
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    Ok(response)
}

/// The same for a value of about so many bytes, serialized off the runtime's threads when it is
/// large.
pub(crate) async fn large_json<T: Serialize + Send + 'static>(
    images: &Images,
    bytes: usize,
    value: T,
) -> Result<Response<Body>, Failure> {
    images.compute_on(bytes, move || json(&value)).await?
}

/// `{"message": …}` with its length: several clients read an error only when it is not chunked.
pub(crate) fn error(status: StatusCode, message: &str) -> Response<Body> {
    let body = serde_json::json!({ "message": message });
    let mut response = whole(status, format!("{body}\n").into());
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// Lines, each one chunk. Never with a length, however short: clients take a chunked response for a
/// stream and any other for one JSON value.
pub(crate) fn lines(lines: impl Stream<Item = Bytes> + Send + 'static) -> Response<Body> {
    stream(JSON, lines.map(Ok))
}

/// Pieces of any content, one chunk each.
pub(crate) fn stream(
    content_type: HeaderValue,
    pieces: impl Stream<Item = Result<Bytes, Broken>> + Send + 'static,
) -> Response<Body> {
    let frames = pieces.map(|piece| piece.map(Frame::data));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// A JSON array, sent piece by piece. Each part is some of its values with commas between them.
pub(crate) fn array(
    parts: impl Stream<Item = Result<Bytes, Broken>> + Send + 'static,
) -> Response<Body> {
    let parts = parts.enumerate().flat_map(|(index, part)| {
        let comma = (index > 0).then(|| Ok(",".into()));
        futures_util::stream::iter(comma.into_iter().chain([part]))
    });
    let end = |text: &'static str| futures_util::stream::iter([Ok(text.into())]);
    stream(JSON, end("[").chain(parts).chain(end("]\n")))
}

/// One JSON value, sent piece by piece.
pub(crate) fn json_stream(
    parts: impl Stream<Item = Result<Bytes, Broken>> + Send + 'static,
) -> Response<Body> {
    stream(JSON, parts)
}

/// A JSON value as one of such lines: it ends in CR LF.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<Bytes, Failure> {
    let mut line = html_safe(value)?;
    line.push_str("\r\n");
    Ok(line.into())
}

/// A JSON value as Go writes it to a stream: characters with a meaning in HTML are escaped.
pub(crate) fn html_safe<T: Serialize>(value: &T) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(unwritable)?;
    Ok(escape_html(&text))
}

/// The failure for a value that cannot be serialized.
pub(crate) fn unwritable(error: serde_json::Error) -> Failure {
    Failure::internal("the answer cannot be written as JSON", &error)
}

/// The last of such lines after an error, in the form for new clients and for old ones.
pub(crate) fn error_line(message: &str) -> Bytes {
    let message = Value::from(message);
    let json = format!(r#"{{"errorDetail":{{"message":{message}}},"error":{message}}}"#);
    (escape_html(&json) + "\r\n").into()
}

/// None of these characters occurs in JSON outside strings.
fn escape_html(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 2);
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn whole(status: StatusCode, body: Bytes) -> Response<Body> {
    let body = Full::new(body).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use hyper::Request;
    use hyper::body::Incoming;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn body(response: Response<Body>) -> String {
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("unbroken")
            .to_bytes();
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }

    async fn breaks_off(_: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let end = futures_util::stream::once(async {
            // Until then everything else has been sent.
            tokio::task::yield_now().await;
            Err(Broken)
        });
        let pieces = futures_util::stream::iter([Ok("abc".into())]).chain(end);
        Ok(stream(TEXT, pieces))
    }

    #[tokio::test]
    async fn what_breaks_off_has_no_last_chunk() {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(server), service_fn(breaks_off));
        let connection = tokio::spawn(connection);
        let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        client.write_all(request).await.expect("write");
        let mut response = String::new();
        client.read_to_string(&mut response).await.expect("read");
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(
            response.contains("transfer-encoding: chunked"),
            "{response}"
        );
        assert!(response.ends_with("\r\n3\r\nabc\r\n"), "{response}");
        let ended = connection.await.expect("no panic");
        assert!(ended.is_err(), "the connection is not used again");
    }

    #[tokio::test]
    async fn arrays_of_any_length() {
        for (values, text) in [
            (&[][..], "[]\n"),
            (&["1"], "[1]\n"),
            (&["1,2", "{}", "\"x\""], "[1,2,{},\"x\"]\n"),
        ] {
            let parts: Vec<_> = values.iter().map(|part| Ok((*part).into())).collect();
            assert_eq!(body(array(futures_util::stream::iter(parts))).await, text);
        }
    }

    #[tokio::test]
    async fn streams_escape_html_and_errors_do_not() {
        let values = [
            serde_json::json!({ "stream": "<a & b>\n" }),
            serde_json::json!({}),
        ];
        let values = values.map(|value| line(&value).expect("JSON"));
        let response = lines(futures_util::stream::iter(values));
        let text = body(response).await;
        assert_eq!(
            text,
            "{\"stream\":\"\\u003ca \\u0026 b\\u003e\\n\"}\r\n{}\r\n"
        );
        let text = body(error(StatusCode::NOT_FOUND, "no <image>")).await;
        assert_eq!(text, "{\"message\":\"no <image>\"}\n");
        assert_eq!(
            error_line("no \"<image>\""),
            concat!(
                r#"{"errorDetail":{"message":"no \"\u003cimage\u003e\""},"#,
                r#""error":"no \"\u003cimage\u003e\""}"#,
                "\r\n"
            )
        );
    }
}
