//! Where the bytes of a blob are, and reading them there.

mod decoded;
mod whereabouts;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::Bytes;
use futures_util::StreamExt;
use sockerless_archive::Limits;
use sockerless_reference::Digest;
use sockerless_registry::{ByteStream, Repository, Source};
use tokio::sync::mpsc;

use self::decoded::DecodedTar;
use crate::encode::{Encoding, encode};
use crate::{Error, Kind};

/// Bytes read at a time. The compressed form of a layer depends on it: a change makes every
/// recorded form useless.
const BLOCK: usize = 256 * 1024;

/// Blocks in the queue between two threads.
const QUEUE: usize = 4;

/// Where the bytes of a layer blob are.
#[derive(Debug, Clone)]
pub(crate) enum LayerSource {
    /// Nowhere: there is not one byte.
    Empty,
    /// In a file here.
    File(PathBuf),
    /// In a registry.
    Remote(RemoteBlob),
    /// In a registry in another encoding.
    Decoded(Box<DecodedTar>),
}

/// A blob in a registry.
#[derive(Debug, Clone)]
pub(crate) struct RemoteBlob {
    /// The repository that has it.
    pub(crate) repository: Repository,
    /// Its digest.
    pub(crate) digest: Digest,
    /// Its bytes.
    pub(crate) size: u64,
}

type Chunks = Box<dyn Iterator<Item = io::Result<Bytes>> + Send>;

impl LayerSource {
    /// The blob as it is.
    pub(crate) fn as_it_is(&self) -> Source {
        let source = self.clone();
        Source::new(move || {
            let source = source.clone();
            async move { source.stream().await }
        })
    }

    /// The blob, decoded whatever its compression, in another encoding. `told` is called with the
    /// number of bytes read.
    pub(crate) fn encoded(
        &self,
        encoding: Encoding,
        limits: Limits,
        told: impl Fn(u64) + Clone + Send + Sync + 'static,
    ) -> Source {
        let source = self.clone();
        Source::new(move || {
            let (source, told) = (source.clone(), told.clone());
            async move {
                let mut read = 0;
                let chunks = source.chunks().await?.inspect(move |chunk| {
                    if let Ok(chunk) = chunk {
                        read += chunk.len() as u64;
                        told(read);
                    }
                });
                Ok(on_a_thread(move |send| {
                    encode(chunks, encoding, &limits, send)
                }))
            }
        })
    }

    /// The bytes of the blob. Bytes from a registry are verified: the stream ends with an error if
    /// they are not the blob. Bytes from a file here are not.
    pub(crate) async fn stream(&self) -> io::Result<ByteStream> {
        match self {
            Self::Empty => Ok(Box::pin(futures_util::stream::empty())),
            Self::File(path) => {
                let path = path.clone();
                Ok(on_a_thread(move |send| {
                    read_blocks(&path)?.try_for_each(|block| send(block?))
                }))
            }
            Self::Remote(blob) => blob.stream().await,
            Self::Decoded(tar) => tar.stream().await,
        }
    }

    /// The blob for a thread that may block.
    async fn chunks(&self) -> io::Result<Chunks> {
        match self {
            Self::File(path) => Ok(Box::new(read_blocks(path)?)),
            elsewhere => Ok(for_a_thread(elsewhere.stream().await?)),
        }
    }

    /// The blob in a registry, if the bytes come from one.
    pub(crate) fn remote(&self) -> Option<&RemoteBlob> {
        match self {
            Self::Empty | Self::File(_) => None,
            Self::Remote(blob) => Some(blob),
            Self::Decoded(tar) => Some(&tar.from),
        }
    }
}

impl RemoteBlob {
    async fn stream(&self) -> io::Result<ByteStream> {
        let blob = self.repository.get_blob(&self.digest, self.size).await;
        let blob = blob.map_err(io::Error::other)?;
        Ok(Box::pin(blob.map(|piece| piece.map_err(io::Error::other))))
    }
}

impl Error {
    /// Why a blob cannot be read where it is.
    pub(crate) fn unreadable(digest: Digest, error: io::Error) -> Self {
        match error.downcast::<sockerless_registry::Error>() {
            // This error names the registry and the blob.
            Ok(error) => Self::registry(error),
            Err(error) => {
                let message = format!("cannot read blob {digest}: {error}");
                Self::new(Kind::Internal, message).with_source(error)
            }
        }
    }
}

/// A stream for a thread that may block.
fn for_a_thread(mut stream: ByteStream) -> Chunks {
    let (sender, mut receiver) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        while let Some(piece) = stream.next().await {
            if sender.send(piece).await.is_err() {
                break;
            }
        }
    });
    Box::new(std::iter::from_fn(move || receiver.blocking_recv()))
}

fn read_blocks(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Bytes>> + Send + use<>> {
    let mut file = std::fs::File::open(path)?;
    Ok(std::iter::from_fn(move || {
        let mut block = Vec::with_capacity(BLOCK);
        match file.by_ref().take(BLOCK as u64).read_to_end(&mut block) {
            Ok(0) => None,
            Ok(_) => Some(Ok(block.into())),
            Err(error) => Some(Err(error)),
        }
    }))
}

/// The blocks of a producer on a thread of its own, as a stream. The thread ends soon after the
/// stream is dropped.
fn on_a_thread<F>(produce: F) -> ByteStream
where
    F: FnOnce(&mut dyn FnMut(Bytes) -> io::Result<()>) -> io::Result<()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::task::spawn_blocking(move || {
        let mut send = |bytes| {
            let sent = sender.blocking_send(Ok(bytes));
            sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
        };
        if let Err(error) = produce(&mut send) {
            // The receiver may be gone, and needs no reason then.
            let _ = sender.blocking_send(Err(error));
        }
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|item| (item, receiver))
    });
    Box::pin(stream) as Pin<Box<_>>
}
