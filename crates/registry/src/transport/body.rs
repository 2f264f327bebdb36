//! Request bodies, with progress, length checks and digests.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;
use tokio::time::Instant;

use crate::source::{ByteStream, Progress};

/// The largest piece given to the connection at once: progress and stalls are seen at this grain.
const PIECE: usize = 64 << 10;

/// The body of a request.
pub(crate) struct RequestBody {
    content: Content,
    /// Bytes still to come, where the length is known.
    left: Option<u64>,
    watch: Arc<Watch>,
}

enum Content {
    Bytes(Bytes),
    Stream {
        stream: ByteStream,
        pending: Bytes,
        progress: Progress,
        hasher: Option<Box<Sha256>>,
    },
}

/// The sender's view of a body while the connection reads it.
#[derive(Debug)]
pub(crate) struct Watch(Mutex<State>);

#[derive(Debug)]
struct State {
    last_moved: Instant,
    /// Whether the connection is waiting for the source.
    source_is_slow: bool,
    done: bool,
    sent: u64,
    failure: Option<Failure>,
    digest: Option<Digest>,
}

/// Why a body ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    Source(io::Error),
    Size { expected: u64, found: u64 },
}

impl RequestBody {
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        let left = Some(bytes.len() as u64);
        Self::new(Content::Bytes(bytes), left)
    }

    /// A body of exactly `size` bytes, or of unknown length.
    ///
    /// With `hash`, [`Watch::digest`] is the digest of all bytes once they are sent.
    pub(crate) fn stream(
        stream: ByteStream,
        size: Option<u64>,
        progress: Progress,
        hash: bool,
    ) -> Self {
        let hasher = hash.then(|| Box::new(Sha256::new()));
        let content = Content::Stream {
            stream,
            pending: Bytes::new(),
            progress,
            hasher,
        };
        Self::new(content, size)
    }

    fn new(content: Content, left: Option<u64>) -> Self {
        let mut body = Self {
            content,
            left,
            watch: Arc::new(Watch::new()),
        };
        if left == Some(0) {
            body.finish();
        }
        body
    }

    pub(crate) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }

    fn fail(&self, failure: Failure) -> io::Error {
        let text = match &failure {
            Failure::Source(error) => error.to_string(),
            Failure::Size { expected, found } => format!("{found} bytes instead of {expected}"),
        };
        self.watch.with(|state| state.failure = Some(failure));
        io::Error::other(text)
    }

    fn finish(&mut self) {
        let digest = match &mut self.content {
            Content::Stream { hasher, .. } => hasher
                .take()
                .map(|hasher| Digest::from_bytes(hasher.finalize().into())),
            Content::Bytes(_) => None,
        };
        self.watch.with(|state| {
            if !state.done {
                state.done = true;
                state.last_moved = Instant::now();
                state.digest = digest;
            }
        });
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        let piece = match &mut this.content {
            Content::Bytes(bytes) => bytes.split_to(bytes.len().min(PIECE)),
            Content::Stream {
                stream,
                pending,
                progress,
                hasher,
            } => {
                while pending.is_empty() {
                    match stream.as_mut().poll_next(cx) {
                        Poll::Pending => {
                            this.watch.with(|state| state.source_is_slow = true);
                            return Poll::Pending;
                        }
                        Poll::Ready(Some(Ok(bytes))) => *pending = bytes,
                        Poll::Ready(Some(Err(error))) => {
                            return Poll::Ready(Some(Err(this.fail(Failure::Source(error)))));
                        }
                        Poll::Ready(None) => break,
                    }
                }
                let piece = pending.split_to(pending.len().min(PIECE));
                if let Some(hasher) = hasher {
                    hasher.update(&piece);
                }
                let sent = this.watch.moved(piece.len());
                progress.report(sent);
                piece
            }
        };
        if let Content::Bytes(_) = this.content {
            this.watch.moved(piece.len());
        }
        let length = piece.len() as u64;
        let sent = this.watch.sent();
        if length == 0 {
            return match this.left {
                Some(left) if left > 0 => {
                    let failure = Failure::Size {
                        expected: sent + left,
                        found: sent,
                    };
                    Poll::Ready(Some(Err(this.fail(failure))))
                }
                _ => {
                    this.finish();
                    Poll::Ready(None)
                }
            };
        }
        if let Some(left) = &mut this.left {
            if length > *left {
                let failure = Failure::Size {
                    expected: sent - length + *left,
                    found: sent,
                };
                return Poll::Ready(Some(Err(this.fail(failure))));
            }
            *left -= length;
            // The connection does not poll again beyond the announced length.
            if *left == 0 {
                this.finish();
            }
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Watch {
    fn new() -> Self {
        Self(Mutex::new(State {
            last_moved: Instant::now(),
            source_is_slow: false,
            done: false,
            sent: 0,
            failure: None,
            digest: None,
        }))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn moved(&self, bytes: usize) -> u64 {
        self.with(|state| {
            state.last_moved = Instant::now();
            state.source_is_slow = false;
            state.sent += bytes as u64;
            state.sent
        })
    }

    /// Bytes that the connection has read.
    pub(crate) fn sent(&self) -> u64 {
        self.with(|state| state.sent)
    }

    /// When the body last advanced, and whether all of it has been sent. A body that waits for its
    /// source counts as just advanced: that is not a stall of the registry.
    pub(crate) fn last_moved(&self) -> (Instant, bool) {
        self.with(|state| {
            if state.source_is_slow {
                state.last_moved = Instant::now();
            }
            (state.last_moved, state.done)
        })
    }

    /// Why the body ended early, if this side caused it.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.with(|state| state.failure.take())
    }

    /// The digest of the whole body, once it is sent.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.with(|state| state.digest)
    }
}
