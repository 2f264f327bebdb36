//! What a client sends, on its way to a thread that reads it.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Chunks between the connection and the thread that reads the archive: with the connection's own
/// buffer a bound on what a load holds in memory.
const QUEUE: usize = 4;

/// How long a client may send nothing in the middle of an archive: whatever makes the archive may
/// be slow, but a client that is gone must not keep its place among the loads.
const STALL: Duration = Duration::from_secs(600);

/// A piece of the body.
pub(crate) enum Piece {
    Chunk(Bytes),
    Failed(io::Error),
    End,
}

/// The way from the connection to the thread.
pub(crate) fn channel() -> (mpsc::Sender<Piece>, mpsc::Receiver<Piece>) {
    mpsc::channel(QUEUE)
}

/// Passes the body on until its end, or until nobody wants more of it.
pub(crate) async fn feed<S, E>(mut body: S, sender: mpsc::Sender<Piece>)
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
pub(crate) fn chunks(
    mut receiver: mpsc::Receiver<Piece>,
) -> impl Iterator<Item = io::Result<Bytes>> {
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
