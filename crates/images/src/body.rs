//! What a client sends, on its way to a thread that reads it.

use std::io;
use std::iter::FusedIterator;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::Error;
use crate::places::Turn;

/// Chunks between the connection and the thread that reads the archive: with the connection's own
/// buffer a bound on what a load holds in memory.
const QUEUE: usize = 4;

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

/// Passes the body on until its end, or until the reader stops.
///
/// # Errors
/// When the client is too slow. The reader then gets an error instead of the end.
pub(crate) async fn feed<S, E>(
    mut body: S,
    sender: mpsc::Sender<Piece>,
    mut turn: Turn,
) -> Result<(), Error>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    loop {
        let size = |chunk: &Option<Result<Bytes, E>>| match chunk {
            Some(Ok(chunk)) => chunk.len(),
            Some(Err(_)) | None => 0,
        };
        let received = tokio::select! {
            biased;
            // The reader has met something that ends the load: the rest is not waited for.
            () = sender.closed() => return Ok(()),
            received = turn.receive(body.next(), size) => received,
        };
        let (piece, slow) = match received {
            Ok(Some(Ok(chunk))) => (Piece::Chunk(chunk), None),
            Ok(Some(Err(error))) => (Piece::Failed(io::Error::other(error)), None),
            Ok(None) => (Piece::End, None),
            Err(slow) => (Piece::Failed(io::ErrorKind::TimedOut.into()), Some(slow)),
        };
        let last = !matches!(piece, Piece::Chunk(_));
        let is_gone = sender.send(piece).await.is_err();
        match slow {
            Some(slow) => return Err(slow),
            None if is_gone || last => return Ok(()),
            None => {}
        }
    }
}

/// The chunks as they arrive, for a thread that blocks.
///
/// When the load is dropped because its client left, the channel closes without an end, and that
/// is an error: what came so far must not be taken for the whole. Nothing follows the end.
pub(crate) fn chunks(
    mut receiver: mpsc::Receiver<Piece>,
) -> impl FusedIterator<Item = io::Result<Bytes>> {
    let chunks = std::iter::from_fn(move || match receiver.blocking_recv() {
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
    });
    chunks.fuse()
}
