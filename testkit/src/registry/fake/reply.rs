//! Replies, whose bodies may end early or stall.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};

/// A body of bytes that may end early or stall.
#[derive(Debug)]
pub(super) struct ReplyBody {
    announced: u64,
    pieces: Vec<Bytes>,
    end: End,
    flushed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Proper,
    Cut,
    Hang,
}

impl ReplyBody {
    fn new(bytes: Bytes, sent: usize, end: End) -> Self {
        let announced = bytes.len() as u64;
        let part = bytes.slice(..sent.min(bytes.len()));
        let pieces = if part.is_empty() {
            Vec::new()
        } else {
            vec![part]
        };
        Self {
            announced,
            pieces,
            end,
            flushed: false,
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match (self.pieces.pop(), self.end) {
            (Some(piece), _) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            (None, End::Proper) => Poll::Ready(None),
            // What was sent before must be on the wire before the connection is closed.
            (None, End::Cut) if !self.flushed => {
                self.flushed = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            (None, End::Cut) => Poll::Ready(Some(Err(io::Error::other("cut")))),
            // Nothing wakes this: it ends with its connection.
            (None, End::Hang) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.end == End::Proper
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// A reply that is being built.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// An error in the protocol's form.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let document = serde_json::json!({"errors": [{"code": code, "message": message}]});
        Self::new(status)
            .header("content-type", "application/json")
            .body(document.to_string())
    }

    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The reply on the wire: `sent` bytes of its body, and then `end`.
    pub(super) fn finish(
        self,
        head: bool,
        sent: usize,
        end: End,
    ) -> io::Result<Response<ReplyBody>> {
        let mut builder = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        let length = self.body.len();
        let body = if head {
            ReplyBody::new(Bytes::new(), 0, End::Proper)
        } else {
            ReplyBody::new(self.body, sent, end)
        };
        let mut response = builder.body(body).map_err(io::Error::other)?;
        let headers = response.headers_mut();
        if head && !headers.contains_key(header::CONTENT_LENGTH) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(response)
    }
}
