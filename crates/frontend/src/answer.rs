//! Responses: what is sent whole and what is sent line by line.

use std::convert::Infallible;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use crate::status::Failure;

pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Clients compare it exactly: there must be no charset.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An answer without a body.
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
    let mut text = serde_json::to_vec(value)
        .map_err(|error| Failure::internal("the answer cannot be written as JSON", &error))?;
    text.push(b'\n');
    let mut response = whole(StatusCode::OK, text.into());
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    Ok(response)
}

/// `{"message": …}` with its length: several clients read an error only when it is not chunked.
pub(crate) fn error(status: StatusCode, message: &str) -> Response<Body> {
    let body = serde_json::json!({ "message": message });
    let mut response = whole(status, format!("{body}\n").into());
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// Lines, each one chunk. Never with a length, however short: clients take a chunked answer for a
/// stream and any other for one JSON value.
pub(crate) fn lines(lines: impl Stream<Item = Bytes> + Send + 'static) -> Response<Body> {
    let frames = lines.map(|line| Ok::<_, Infallible>(Frame::data(line)));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A JSON value as text.
pub(crate) fn text_of<T: Serialize>(value: &T) -> Result<Bytes, Failure> {
    let text = serde_json::to_vec(value)
        .map_err(|error| Failure::internal("the answer cannot be written as JSON", &error))?;
    Ok(text.into())
}

/// A JSON array of values that are text already, sent one by one instead of as one text of all.
pub(crate) fn array(values: impl Iterator<Item = Bytes> + Send + 'static) -> Response<Body> {
    let separators = std::iter::once("[").chain(std::iter::repeat(","));
    let mut values = separators.zip(values).peekable();
    let begin = if values.peek().is_none() { "[" } else { "" };
    let parts = values.flat_map(|(separator, value)| [separator.into(), value]);
    let parts = std::iter::once(begin.into())
        .chain(parts)
        .chain(["]\n".into()]);
    lines(futures_util::stream::iter(
        parts.filter(|part: &Bytes| !part.is_empty()),
    ))
}

/// A JSON value as one of such lines: it ends in CR LF.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<Bytes, Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::internal("the answer cannot be written as JSON", &error))?;
    Ok(as_line(&text))
}

/// The last of such lines when something went wrong, in the words of new clients and of old ones.
pub(crate) fn error_line(message: &str) -> Bytes {
    let message = Value::from(message);
    as_line(&format!(
        r#"{{"errorDetail":{{"message":{message}}},"error":{message}}}"#
    ))
}

/// Go escapes what means something in HTML. None of these characters occurs outside strings.
fn as_line(json: &str) -> Bytes {
    let mut line = String::with_capacity(json.len() + 2);
    for character in json.chars() {
        match character {
            '<' => line.push_str("\\u003c"),
            '>' => line.push_str("\\u003e"),
            '&' => line.push_str("\\u0026"),
            '\u{2028}' => line.push_str("\\u2028"),
            '\u{2029}' => line.push_str("\\u2029"),
            other => line.push(other),
        }
    }
    line.push_str("\r\n");
    line.into()
}

fn whole(status: StatusCode, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Full::new(body).boxed_unsync());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response<Body>) -> String {
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("infallible")
            .to_bytes();
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }

    #[tokio::test]
    async fn arrays_of_any_length() {
        for (values, text) in [
            (&[][..], "[]\n"),
            (&["1"], "[1]\n"),
            (&["1", "{}", "\"x\""], "[1,{},\"x\"]\n"),
        ] {
            let values: Vec<Bytes> = values.iter().map(|value| Bytes::from(*value)).collect();
            assert_eq!(body(array(values.into_iter())).await, text);
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
