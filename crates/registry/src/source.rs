//! Sources of uploads, and the progress of sending them.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;

/// A stream of bytes.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

type Opening = Pin<Box<dyn Future<Output = io::Result<ByteStream>> + Send>>;

/// Where the bytes of an upload come from. It is opened anew for each try.
///
/// Pieces of 64 KiB to 1 MiB are best. A stream that is not ready delays its upload without a time
/// limit: only its owner knows how long it may take.
#[derive(Clone)]
pub struct Source(Arc<dyn Fn() -> Opening + Send + Sync>);

impl Source {
    /// A source that calls `open` for each try; every stream must give the same bytes.
    pub fn new<F, R>(open: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<ByteStream>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(open())))
    }

    /// Bytes in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::new(move || {
            let stream: ByteStream = Box::pin(futures_util::stream::iter([Ok(bytes.clone())]));
            async move { Ok(stream) }
        })
    }

    /// Opens the source.
    ///
    /// # Errors
    /// Any error of opening it.
    pub async fn open(&self) -> io::Result<ByteStream> {
        (self.0)().await
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(..)")
    }
}

/// Receives how many bytes of an upload were sent.
///
/// The number counts from the beginning of the try: it goes back when an upload begins anew. The
/// callback runs on the connection's task and must not block.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(u64) + Send + Sync>>);

impl Progress {
    /// Calls `told` with the number of bytes sent so far.
    pub fn new(told: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    /// Reports to no callback.
    pub fn none() -> Self {
        Self(None)
    }

    pub(crate) fn report(&self, sent: u64) {
        if let Some(told) = &self.0 {
            told(sent);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Progress(..)"
        } else {
            "Progress(none)"
        })
    }
}
