//! Replies: their head, and reading the body under limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::error::Fault;
use crate::refusal::Refusal;
use crate::secret::Shown;

/// The reply to one request: its head, and a body that is read under a time limit.
#[derive(Debug)]
pub(crate) struct Reply {
    url: Uri,
    head: Parts,
    body: Incoming,
    returned: Option<Bytes>,
    idle: Duration,
    /// The proxy's credentials: it may reply in the server's place.
    proxy_authorization: Option<HeaderValue>,
}

impl Reply {
    pub(super) fn new(
        url: Uri,
        response: Response<Incoming>,
        idle: Duration,
        proxy_authorization: Option<HeaderValue>,
    ) -> Self {
        let (head, body) = response.into_parts();
        Self {
            url,
            head,
            body,
            returned: None,
            idle,
            proxy_authorization,
        }
    }

    /// The requested URL, which relative locations refer to.
    pub(crate) fn url(&self) -> &Uri {
        &self.url
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.head.status
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// A header's text, if it is text.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The announced length, also of a HEAD.
    pub(crate) fn length(&self) -> Option<u64> {
        self.header(header::CONTENT_LENGTH)?.trim().parse().ok()
    }

    /// The length of the body on the wire, if known: never that of a chunked body, whatever is
    /// announced.
    pub(crate) fn body_length(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// The next piece of the body.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        if let Some(piece) = self.returned.take() {
            return Ok(Some(piece));
        }
        loop {
            let frame = tokio::time::timeout(self.idle, self.body.frame())
                .await
                .map_err(|_| Fault::Stalled { limit: self.idle })?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Fault::Connection(deepest(&error))),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// Puts `piece` back, to be the next one again.
    pub(crate) fn put_back(&mut self, piece: Bytes) {
        self.returned = Some(piece);
    }

    /// The whole body, which must not be larger than `limit`.
    pub(crate) async fn bytes(mut self, limit: u64) -> Result<Bytes, Fault> {
        if self.length().is_some_and(|length| length > limit) {
            return Err(Fault::TooLarge { limit });
        }
        let mut all = BytesMut::new();
        while let Some(piece) = self.piece().await? {
            if (all.len() + piece.len()) as u64 > limit {
                return Err(Fault::TooLarge { limit });
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// Reads an error reply. Unreadable parts are left out: the status counts.
    pub(crate) async fn refusal(mut self, limit: u64) -> Refusal {
        let mut body = BytesMut::new();
        while let Ok(Some(piece)) = self.piece().await {
            let room = (limit as usize).saturating_sub(body.len());
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() >= room {
                break;
            }
        }
        let refusal = Refusal::new(self.head.status, &self.head.headers, &body);
        match &self.proxy_authorization {
            None => refusal,
            Some(header) => {
                let shown = Shown::default();
                shown.header(header);
                refusal.without(&shown)
            }
        }
    }

    /// Reads a short body that is not needed, so that the connection can be reused; a long or slow
    /// one is dropped with its connection.
    pub(crate) async fn drain(mut self) {
        let mut left = 16 << 10;
        while let Ok(Some(piece)) = self.piece().await {
            left -= piece.len().min(left);
            if left == 0 {
                return;
            }
        }
    }
}

fn deepest(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => deepest(source),
        None => error.to_string(),
    }
}
