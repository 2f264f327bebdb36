//! Pulling blobs, with resumption and verification.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderValue, RANGE};
use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;

use crate::error::{Error, Fault, Subject};
use crate::registry::Ask;
use crate::repository::Repository;
use crate::retry::Tries;
use crate::transport::Reply;

/// After this many bytes from one connection, the count of tries starts anew.
const PROGRESS: u64 = 1 << 20;

/// The bytes of a blob. The stream ends only after all bytes, if their digest is right; otherwise
/// its last item is an error.
///
/// After a broken connection, the transfer is resumed by a new request to the registry.
pub struct BlobStream(Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>);

impl Repository {
    /// Fetches a blob of `size` bytes. It returns once the registry has begun to send.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such blob,
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if the bytes have another digest or
    /// size, and any failure of the registry.
    pub async fn get_blob(&self, digest: &Digest, size: u64) -> Result<BlobStream, Error> {
        let mut transfer = Transfer {
            repository: self.clone(),
            digest: *digest,
            size,
            received: 0,
            hasher: Sha256::new(),
            reply: None,
            by_this_reply: 0,
            tries: self.registry.tries(&self.access),
        };
        transfer
            .connect()
            .await
            .map_err(|fault| transfer.error(fault))?;
        let stream = futures_util::stream::try_unfold(Some(transfer), |transfer| async {
            let Some(mut transfer) = transfer else {
                return Ok(None);
            };
            match transfer.next().await {
                Ok(Some(piece)) => Ok(Some((piece, Some(transfer)))),
                Ok(None) => Ok(None),
                Err(fault) => Err(transfer.error(fault)),
            }
        });
        Ok(BlobStream(Box::pin(stream)))
    }
}

struct Transfer {
    repository: Repository,
    digest: Digest,
    size: u64,
    received: u64,
    hasher: Sha256,
    reply: Option<Reply>,
    /// Bytes from the current connection.
    by_this_reply: u64,
    tries: Tries,
}

impl Transfer {
    /// Ensures that there is a reply that continues at `received`.
    async fn connect(&mut self) -> Result<(), Fault> {
        while self.reply.is_none() {
            match self.request().await {
                Ok(reply) => self.reply = Some(reply),
                Err(fault) => self.tries.after(fault).await?,
            }
        }
        Ok(())
    }

    async fn request(&self) -> Result<Reply, Fault> {
        let repository = &self.repository;
        let url = repository.url(&format!("blobs/{}", self.digest)).await?;
        let mut ask = Ask::get(url, repository.pull_scope())
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if self.received > 0 {
            let range = HeaderValue::try_from(format!("bytes={}-", self.received))
                .map_err(|error| Fault::Malformed(error.to_string()))?;
            ask = ask.header(RANGE, range);
        }
        let mut reply = repository.registry.call(&repository.access, &ask).await?;
        let partial = reply.status() == StatusCode::PARTIAL_CONTENT;
        let before = if partial { self.received } else { 0 };
        if let Some(length) = reply.length()
            && before.saturating_add(length) != self.size
        {
            let found = before.saturating_add(length);
            return Err(Fault::Size {
                expected: self.size,
                found,
            });
        }
        match reply.status() {
            StatusCode::PARTIAL_CONTENT if self.received > 0 => {
                let first = reply.header(CONTENT_RANGE).and_then(first_byte);
                if first != Some(self.received) {
                    return Err(Fault::Malformed(
                        "another range than was asked for".to_owned(),
                    ));
                }
                Ok(reply)
            }
            // The whole blob, from a server without ranges: skip what was received.
            StatusCode::OK => {
                let mut skip = self.received;
                while skip > 0 {
                    let Some(piece) = reply.piece().await? else {
                        return Err(Fault::Connection("the blob ended early".to_owned()));
                    };
                    let length = piece.len() as u64;
                    if length > skip {
                        reply.put_back(piece.slice(skip as usize..));
                    }
                    skip -= length.min(skip);
                }
                Ok(reply)
            }
            status => Err(Fault::Malformed(format!("status {status} for a blob"))),
        }
    }

    /// The next piece; `None` when all bytes are received and verified.
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            self.connect().await?;
            let piece = match &mut self.reply {
                Some(reply) => reply.piece().await,
                None => Ok(None),
            };
            let broken = match piece {
                Ok(Some(piece)) => {
                    self.received += piece.len() as u64;
                    if self.received > self.size {
                        return Err(Fault::Size {
                            expected: self.size,
                            found: self.received,
                        });
                    }
                    self.hasher.update(&piece);
                    self.by_this_reply += piece.len() as u64;
                    return Ok(Some(piece));
                }
                Ok(None) if self.received == self.size => return self.verify(),
                Ok(None) => Fault::Connection(format!(
                    "the blob ended after {} of {} bytes",
                    self.received, self.size
                )),
                Err(fault) => fault,
            };
            self.reply = None;
            if std::mem::take(&mut self.by_this_reply) >= PROGRESS {
                self.tries.reset();
            }
            self.tries.after(broken).await?;
        }
    }

    fn verify(&mut self) -> Result<Option<Bytes>, Fault> {
        let found = Digest::from_bytes(std::mem::take(&mut self.hasher).finalize().into());
        if found != self.digest {
            return Err(Fault::Digest {
                expected: self.digest,
                found,
            });
        }
        Ok(None)
    }

    fn error(&self, fault: Fault) -> Error {
        self.repository.error(Subject::Blob(self.digest), fault)
    }
}

/// The first byte of `bytes 5-9/10`.
fn first_byte(range: &str) -> Option<u64> {
    range
        .trim()
        .strip_prefix("bytes")?
        .trim_start()
        .split('-')
        .next()?
        .parse()
        .ok()
}

impl Stream for BlobStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for BlobStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobStream(..)")
    }
}
