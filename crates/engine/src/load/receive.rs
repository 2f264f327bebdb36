use std::collections::HashSet;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{FutureExt, StreamExt};
use sockerless_archive::Archive;
use sockerless_content::StagedBlob;
use sockerless_reference::Digest;
use sockerless_state::Platform;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::early::{self, ArrivedLayer};
use crate::{Engine, Error, Kind, platform};

/// Chunks between the connection and the thread that reads the archive: with the connection's own
/// buffer a bound on what a load holds in memory.
const QUEUE: usize = 4;

/// How long a client may send nothing in the middle of an archive: whatever makes the archive may
/// be slow, but a client that is gone must not keep its place among the loads.
const STALL: Duration = Duration::from_secs(600);

/// A piece of the body.
enum Piece {
    Chunk(Bytes),
    Failed(io::Error),
    End,
}

impl Engine {
    /// Reads the archive on a thread of its own while its bytes arrive; layers go up to the
    /// staging registry meanwhile: the digests of those that did come with it.
    pub(super) async fn receive<S, E>(
        &self,
        body: S,
        only: Option<Platform>,
        auth: Option<&str>,
    ) -> Result<(Archive, HashSet<Digest>), Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (arrived, layers) = mpsc::channel(early::QUEUE);
        let stages = self.stages();
        let (config, content) = (self.config.clone(), self.content.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let preferred = platform::to_archive(&config.platform);
            let only = only.as_ref().map(platform::to_archive);
            let tell = |blob: &StagedBlob, compression| {
                if let Some(path) = blob.path().filter(|_| stages) {
                    let (digest, size) = (blob.digest(), blob.size());
                    let path = path.to_owned();
                    // Without a place in the queue it goes up later, with its image.
                    let _ = arrived.try_send(ArrivedLayer {
                        digest,
                        size,
                        compression,
                        path,
                    });
                }
            };
            let (chunks, limits) = (chunks(receiver), &config.limits);
            sockerless_archive::read(chunks, &content, limits, &preferred, only.as_ref(), &tell)
        });
        let read = async {
            feed(body, sender).await;
            reading.await.map_err(|error| {
                Error::new(Kind::Internal, "the reading of the archive broke off")
                    .with_source(error)
            })
        };
        let mut uploading = self.upload_early(auth, layers).boxed();
        let mut uploaded = None;
        let mut read = std::pin::pin!(read);
        let archive = loop {
            tokio::select! {
                archive = read.as_mut() => break archive?,
                early = uploading.as_mut(), if uploaded.is_none() => uploaded = Some(early),
            }
        };
        let archive = archive?;
        let uploaded = match uploaded {
            Some(uploaded) => uploaded,
            None => uploading.await,
        };
        Ok((archive, uploaded))
    }
}

/// Passes the body on until its end, or until nobody wants more of it.
async fn feed<S, E>(mut body: S, sender: mpsc::Sender<Piece>)
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    loop {
        let piece = tokio::select! {
            biased;
            // The reader has met something that ends the load: the rest is not waited for.
            () = sender.closed() => break,
            chunk = timeout(STALL, body.next()) => match chunk {
                Ok(Some(Ok(chunk))) => Piece::Chunk(chunk),
                Ok(Some(Err(error))) => Piece::Failed(io::Error::other(error)),
                Ok(None) => Piece::End,
                Err(_) => Piece::Failed(io::ErrorKind::TimedOut.into()),
            },
        };
        let last = !matches!(piece, Piece::Chunk(_));
        if sender.send(piece).await.is_err() || last {
            break;
        }
    }
}

/// The chunks as they arrive, for a thread that blocks.
///
/// When the load is dropped because its client left, the channel closes without an end, and that
/// is an error: what came so far must not be taken for the whole.
fn chunks(mut receiver: mpsc::Receiver<Piece>) -> impl Iterator<Item = io::Result<Bytes>> {
    std::iter::from_fn(move || match receiver.blocking_recv() {
        Some(Piece::Chunk(chunk)) => Some(Ok(chunk)),
        Some(Piece::Failed(error)) => Some(Err(error)),
        Some(Piece::End) => {
            receiver.close();
            None
        }
        None => Some(Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "the client left",
        ))),
    })
}
