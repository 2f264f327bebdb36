//! A stream whose client has to read its response.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use sockerless_images::Patience;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::client::{Client, Leaving};

/// A stream that fails when its client reads too slowly: that would occupy buffers and, for a save,
/// layers that cannot be removed meanwhile.
#[derive(Debug)]
pub(super) struct Patient<I> {
    io: I,
    patience: Patience,
    /// Since when a write has been pending, and the timeout for it.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<I> Patient<I> {
    pub(super) fn new(io: I, patience: Patience) -> Self {
        Self {
            io,
            patience,
            waiting: None,
        }
    }

    /// `written`, or an error when it has been pending for too long.
    fn bound(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = written {
            if let Some((since, _)) = self.waiting.take() {
                self.patience.waited(since.elapsed());
            }
            if let Ok(bytes) = &result {
                self.patience.moved(*bytes as u64);
            }
            return Poll::Ready(result);
        }
        let left = self.patience.left();
        let (_, end) = self
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        end.as_mut().poll(cx).map(|()| {
            let message = "the client took its answer too slowly: see --client-timeout";
            tracing::info!("{message}");
            Err(io::Error::new(io::ErrorKind::TimedOut, message))
        })
    }
}

impl<I: Client> Client for Patient<I> {
    fn leaving(&self) -> Leaving {
        self.io.leaving()
    }

    fn leaves_at_once(&self) -> bool {
        self.io.leaves_at_once()
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
        // The wait begins with the first pending write.
        match self.waiting {
            Some(_) if flushed.is_pending() => self.bound(Poll::Pending, cx).map_ok(|_| ()),
            _ => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sockerless_images::Pace;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(600);

    fn patience(rate: u64) -> Patience {
        Patience::new(Pace { limit: LIMIT, rate })
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (_client, server) = duplex(4);
        let mut io = Patient::new(server, patience(0));
        let begun = Instant::now();
        let error = io.write_all(&[0; 8]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), LIMIT.as_secs());
    }

    /// Reads a byte every half of the limit.
    async fn slowly(rate: u64, bytes: usize) -> io::Result<()> {
        let (mut client, server) = duplex(1);
        let reading = tokio::spawn(async move {
            for _ in 0..bytes {
                sleep(LIMIT / 2).await;
                if client.read_u8().await.is_err() {
                    return;
                }
            }
        });
        let mut io = Patient::new(server, patience(rate));
        let written = io.write_all(&vec![7; bytes]).await;
        drop(io);
        reading.await.expect("no panic");
        written
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_rate_every_byte_begins_the_wait_anew() {
        slowly(0, 8).await.expect("slow, but it reads");
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_is_not_enough() {
        let error = slowly(1, 8).await.expect_err("too slow");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_no_stall() {
        let (mut client, server) = duplex(16);
        let mut io = Patient::new(server, patience(1));
        io.write_all(b"events").await.expect("room");
        io.flush().await.expect("flushed");
        sleep(LIMIT * 2).await;
        io.write_all(b"more").await.expect("room");
        let mut taken = [0; 10];
        client.read_exact(&mut taken).await.expect("all of it");
        assert_eq!(&taken, b"eventsmore");
    }
}
