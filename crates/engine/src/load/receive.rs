use std::io;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use sockerless_archive::Archive;
use sockerless_state::Platform;
use tokio::sync::mpsc;

use crate::{Engine, Error, Kind, platform};

/// Chunks between the connection and the thread that reads the archive: with the connection's own
/// buffer a bound on what a load holds in memory.
const QUEUE: usize = 4;

/// A piece of the body.
enum Piece {
    Chunk(Bytes),
    Failed(io::Error),
    End,
}

impl Engine {
    /// Reads the archive on a thread of its own while its bytes arrive.
    pub(super) async fn receive<S, E>(
        &self,
        mut body: S,
        only: Option<Platform>,
    ) -> Result<Archive, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (config, content) = (self.config.clone(), self.content.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let preferred = platform::to_archive(&config.platform);
            let only = only.as_ref().map(platform::to_archive);
            let chunks = chunks(receiver);
            sockerless_archive::read(chunks, &content, &config.limits, &preferred, only.as_ref())
        });
        loop {
            let piece = tokio::select! {
                biased;
                // The reader has met something that ends the load: the rest is not waited for.
                () = sender.closed() => break,
                chunk = body.next() => match chunk {
                    Some(Ok(chunk)) => Piece::Chunk(chunk),
                    Some(Err(error)) => Piece::Failed(io::Error::other(error)),
                    None => Piece::End,
                },
            };
            let last = !matches!(piece, Piece::Chunk(_));
            if sender.send(piece).await.is_err() || last {
                break;
            }
        }
        let archive = reading.await.map_err(|error| {
            Error::new(Kind::Internal, "the reading of the archive broke off").with_source(error)
        })?;
        Ok(archive?)
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
