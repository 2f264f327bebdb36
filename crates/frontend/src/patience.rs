//! A connection whose client has to take what it asked for.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long a client may take nothing of an answer: as long as it may send nothing of an archive.
/// What it asked for holds buffers and, for a save, layers that nobody can remove meanwhile.
const STALL: Duration = Duration::from_secs(600);

/// A connection that breaks when its client takes nothing for ten minutes.
#[derive(Debug)]
pub(crate) struct Patient<I> {
    io: I,
    /// Runs while something waits to be taken.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<I> Patient<I> {
    pub(crate) fn new(io: I) -> Self {
        Self { io, waiting: None }
    }

    /// `written`, or an error when it has been pending for too long.
    fn bound<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(STALL)));
        waiting.as_mut().poll(cx).map(|()| {
            let message = "the client took nothing of its answer for ten minutes";
            Err(io::Error::new(io::ErrorKind::TimedOut, message))
        })
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Patient<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Patient<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.bound(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, pieces);
        self.bound(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        // What waits to be taken was written before: only that begins the wait.
        match self.waiting {
            Some(_) if flushed.is_pending() => self.bound(flushed, cx),
            _ => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (_client, server) = duplex(4);
        let mut io = Patient::new(server);
        let begun = Instant::now();
        let error = io.write_all(&[0; 8]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), STALL.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn every_byte_that_is_taken_begins_the_wait_anew() {
        let (mut client, server) = duplex(1);
        let reading = tokio::spawn(async move {
            let mut taken = Vec::new();
            for _ in 0..8 {
                sleep(STALL / 2).await;
                taken.push(client.read_u8().await.expect("a byte"));
            }
            taken
        });
        let mut io = Patient::new(server);
        io.write_all(&[7; 8]).await.expect("slow, but it reads");
        assert_eq!(reading.await.expect("no panic"), [7; 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_no_stall() {
        let (mut client, server) = duplex(16);
        let mut io = Patient::new(server);
        io.write_all(b"events").await.expect("room");
        io.flush().await.expect("flushed");
        sleep(STALL * 2).await;
        io.write_all(b"more").await.expect("room");
        let mut taken = [0; 10];
        client.read_exact(&mut taken).await.expect("all of it");
        assert_eq!(&taken, b"eventsmore");
    }
}
