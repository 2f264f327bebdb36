//! The body of a download, checked against its announced length and the limit.

use std::io;

use bytes::Bytes;

use super::origin::Origin;
use crate::error::Fault;
use crate::source::ByteStream;
use crate::transport::Reply;

/// The body of the reply with the file.
pub(super) struct Body {
    reply: Reply,
    origin: Origin,
    length: Option<u64>,
    received: u64,
    limit: u64,
}

impl Body {
    pub(super) fn new(reply: Reply, origin: Origin, limit: u64) -> Self {
        Self {
            length: reply.body_length(),
            reply,
            origin,
            received: 0,
            limit,
        }
    }

    pub(super) fn into_stream(self) -> ByteStream {
        Box::pin(futures_util::stream::try_unfold(self, |mut body| async {
            match body.next().await {
                Ok(Some(piece)) => Ok(Some((piece, body))),
                Ok(None) => Ok(None),
                Err(fault) => Err(io::Error::other(body.origin.error(fault))),
            }
        }))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let piece = match self.reply.piece().await {
            Err(Fault::Connection(text)) => return Err(self.broken(&text)),
            piece => piece?,
        };
        let Some(piece) = piece else {
            return match self.length {
                Some(length) if length != self.received => Err(self.broken("the body ended")),
                _ => Ok(None),
            };
        };
        self.received = self.received.saturating_add(piece.len() as u64);
        if self.received > self.limit {
            return Err(Fault::TooLarge { limit: self.limit });
        }
        Ok(Some(piece))
    }

    fn broken(&self, why: &str) -> Fault {
        let received = self.received;
        Fault::Connection(match self.length {
            Some(length) => format!("{why} (after {received} of {length} bytes)"),
            None => format!("{why} (after {received} bytes)"),
        })
    }
}
