//! The stream that hyper reads requests from and writes answers to.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::client::{Client, Leaving};
use super::crowd::Admission;
use super::fault::Fault;
use super::framing::{Chunks, Framing};
use super::head;

/// Bytes of a head that are read at a time.
const PIECE: usize = 4 << 10;

/// How much is read and discarded from a client after its last response, so that it reads that
/// response and not a reset: bytes, and time.
const LINGER_BYTES: u64 = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(5);

/// Limits on the size and the time of a head.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadLimits {
    pub(super) bytes: usize,
    pub(super) time: Duration,
}

/// A stream on which every head has been judged before hyper reads it.
///
/// It knows where the body of a request ends, and keeps what follows until the response has ended.
/// Bodies pass through it; only the sizes of chunks are parsed. In place of a refused head hyper
/// reads another one, and the service responds with the fault.
#[derive(Debug)]
pub(super) struct Front<I> {
    io: I,
    place: Admission,
    limits: HeadLimits,
    stage: Stage,
    /// Bytes that were read and not passed on yet.
    held: Vec<u8>,
    /// How many bytes of `held` have been passed on.
    passed: usize,
    /// How many of them were searched for the end of a head.
    seen: usize,
    /// The client has stopped sending.
    ended: bool,
    /// No further request is read after the current one: the connection makes room.
    is_last: bool,
    /// Runs while a head is incomplete.
    patience: Option<Pin<Box<Sleep>>>,
    /// Ready when a client that has stopped sending has stopped reading too.
    leaving: Option<Left>,
    linger: Option<Linger>,
}

/// What hyper reads next.
#[derive(Debug)]
enum Stage {
    Head,
    /// A judged head.
    Judged {
        head: Vec<u8>,
        passed: usize,
        framing: Option<Framing>,
    },
    Sized {
        left: u64,
    },
    Chunked(Chunks),
    /// Nothing: the last request has its response.
    Refused,
}

struct Left(Leaving);

#[derive(Debug)]
struct Linger {
    left: u64,
    time: Pin<Box<Sleep>>,
}

impl fmt::Debug for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Left").finish_non_exhaustive()
    }
}

impl<I: Client> Front<I> {
    pub(super) fn new(io: I, place: Admission, limits: HeadLimits) -> Self {
        Self {
            io,
            place,
            limits,
            stage: Stage::Head,
            held: Vec::new(),
            passed: 0,
            seen: 0,
            ended: false,
            is_last: false,
            patience: None,
            leaving: None,
            linger: None,
        }
    }

    /// The bytes that are held and not passed on.
    fn rest(&self) -> &[u8] {
        self.held.get(self.passed..).unwrap_or_default()
    }

    /// Counts bytes of `held` as passed on, and clears it when that is all.
    fn pass(&mut self, bytes: usize) {
        self.passed += bytes;
        if self.passed >= self.held.len() {
            self.held = Vec::new();
            self.passed = 0;
        }
        self.seen = self.passed;
    }

    /// Reads up to `limit` bytes into `buffer`: first those that are held.
    fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        limit: usize,
    ) -> Poll<io::Result<()>> {
        let rest = self.rest();
        if !rest.is_empty() {
            let length = rest.len().min(limit).min(buffer.remaining());
            buffer.put_slice(&rest[..length]);
            self.pass(length);
            return Poll::Ready(Ok(()));
        }
        if limit >= buffer.remaining() {
            return Pin::new(&mut self.io).poll_read(cx, buffer);
        }
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(limit));
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut part))?;
        let length = part.filled().len();
        buffer.advance(length);
        Poll::Ready(Ok(()))
    }

    /// Reads a piece into `held`. `false` at the end.
    fn poll_hold(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut piece = [0; PIECE];
        let mut buffer = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled();
        self.held.extend_from_slice(bytes);
        self.ended = bytes.is_empty();
        Poll::Ready(Ok(!self.ended))
    }

    /// Ready when the end of the stream may be reported to hyper: during a response only when the
    /// client has stopped reading too.
    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.io.leaves_at_once() {
            // It may have disconnected, and responses without an end would never end.
            self.place.exchange.end_endless();
        }
        let io = &self.io;
        let leaving = self.leaving.get_or_insert_with(|| Left(io.leaving()));
        leaving.0.as_mut().poll(cx)
    }

    /// Brings the stage from waiting for a head to a judged one. `false` when the client has
    /// disconnected.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            if self.place.exchange.is_busy() {
                // What follows a request is not passed on before its response has ended.
                if self.ended {
                    return self.poll_left(cx).map(|()| Ok(false));
                }
                if !self.rest().is_empty() {
                    return Poll::Pending;
                }
                ready!(self.poll_hold(cx))?;
                continue;
            }
            self.place.wait();
            while self.rest().starts_with(b"\r\n") {
                self.pass(2);
            }
            match head::end(self.rest(), self.seen - self.passed) {
                Ok(None) => self.seen = self.held.len(),
                Ok(Some(end)) if end > self.limits.bytes => {
                    self.refuse(Fault::LargeHead(self.limits.bytes));
                    return Poll::Ready(Ok(true));
                }
                Ok(Some(end)) => {
                    match head::judge(&self.rest()[..end]) {
                        Ok(head) => self.accept(head.bytes, head.framing, end),
                        Err(fault) => self.refuse(fault),
                    }
                    return Poll::Ready(Ok(true));
                }
                Err(fault) => {
                    self.refuse(fault);
                    return Poll::Ready(Ok(true));
                }
            }
            if self.rest().is_empty() {
                self.patience = None;
                if self.place.exchange.yields() {
                    // A request that has arrived by now gets its response, but none after it.
                    let is_last = std::mem::replace(&mut self.is_last, true);
                    if is_last || !matches!(self.poll_hold(cx)?, Poll::Ready(true)) {
                        return Poll::Ready(Ok(false));
                    }
                    continue;
                }
            } else if let Some(fault) = self.impatience(cx) {
                self.refuse(fault);
                return Poll::Ready(Ok(true));
            }
            if self.ended || !ready!(self.poll_hold(cx))? {
                return Poll::Ready(Ok(false));
            }
        }
    }

    /// Why the rest of an incomplete head is not waited for.
    fn impatience(&mut self, cx: &mut Context<'_>) -> Option<Fault> {
        let length = self.rest().len();
        if length > self.limits.bytes {
            return Some(Fault::LargeHead(self.limits.bytes));
        }
        if !self.place.grant(length) {
            return Some(Fault::LargeHeads);
        }
        if self.place.exchange.yields() {
            return Some(Fault::Crowded);
        }
        // A method consists of letters: other input is not waited for, except for the rest of an
        // empty line before it.
        let begins =
            self.rest() == b"\r" || self.rest().first().is_some_and(u8::is_ascii_alphabetic);
        if !begins {
            let what = "it does not begin with a method";
            return Some(Fault::Malformed(what.to_owned()));
        }
        let time = self.limits.time;
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(time)));
        let is_over = patience.as_mut().poll(cx).is_ready();
        is_over.then_some(Fault::Slow(time))
    }

    fn accept(&mut self, head: Vec<u8>, framing: Framing, length: usize) {
        self.begin();
        self.pass(length);
        self.stage = Stage::Judged {
            head,
            passed: 0,
            framing: Some(framing),
        };
    }

    /// Makes the service respond with the fault, and the connection end after that.
    fn refuse(&mut self, fault: Fault) {
        let method = match self.rest().starts_with(b"HEAD ") {
            true => "HEAD",
            false => "GET",
        };
        let head = format!("{method} / HTTP/1.1\r\nhost: -\r\nconnection: close\r\n\r\n");
        self.place.exchange.refuse(fault);
        self.begin();
        self.held = Vec::new();
        self.passed = 0;
        self.stage = Stage::Judged {
            head: head.into_bytes(),
            passed: 0,
            framing: None,
        };
    }

    fn begin(&mut self) {
        self.place.begin();
        self.place.give_back();
        self.patience = None;
    }

    fn check(&self, cx: &Context<'_>) -> io::Result<()> {
        self.place.exchange.register(cx);
        match self.place.exchange.is_cut() {
            false => Ok(()),
            true => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.place.exchange.add_written(bytes);
        }
        written
    }

    /// Whether the client may still be sending data that will not be read.
    fn has_unread(&self) -> bool {
        let is_between = matches!(self.stage, Stage::Head) && self.rest().is_empty();
        !self.ended && !is_between
    }
}

impl<I: Client> AsyncRead for Front<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        loop {
            match &mut this.stage {
                _ if this.place.exchange.is_raw() => {
                    return this.poll_fill(cx, buffer, usize::MAX);
                }
                Stage::Head => {
                    if !ready!(this.poll_head(cx))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Stage::Judged {
                    head,
                    passed,
                    framing,
                } => {
                    let length = (head.len() - *passed).min(buffer.remaining());
                    buffer.put_slice(&head[*passed..*passed + length]);
                    *passed += length;
                    if *passed == head.len() {
                        this.stage = match framing {
                            None => Stage::Refused,
                            Some(Framing::Length(left)) => Stage::Sized { left: *left },
                            Some(Framing::Chunked) => Stage::Chunked(Chunks::default()),
                        };
                    }
                    return Poll::Ready(Ok(()));
                }
                Stage::Sized { left: 0 } => this.stage = Stage::Head,
                Stage::Chunked(chunks) if chunks.is_end() => this.stage = Stage::Head,
                Stage::Sized { left } => {
                    let limit = usize::try_from(*left).unwrap_or(usize::MAX);
                    let before = buffer.filled().len();
                    ready!(this.poll_fill(cx, buffer, limit))?;
                    let fresh = buffer.filled().len() - before;
                    this.ended = fresh == 0;
                    if let Stage::Sized { left } = &mut this.stage {
                        *left -= fresh as u64;
                    }
                    return Poll::Ready(Ok(()));
                }
                Stage::Chunked(_) => {
                    let before = buffer.filled().len();
                    ready!(this.poll_fill(cx, buffer, usize::MAX))?;
                    let fresh = &buffer.filled()[before..];
                    this.ended = fresh.is_empty();
                    if let Stage::Chunked(chunks) = &mut this.stage {
                        let taken = chunks.take(fresh)?;
                        // The bytes after the body precede those that are held.
                        let after = fresh[taken..].to_vec();
                        let held = std::mem::take(&mut this.held);
                        let held = held.get(this.passed..).unwrap_or_default();
                        this.held = [after.as_slice(), held].concat();
                        (this.passed, this.seen) = (0, 0);
                        buffer.set_filled(before + taken);
                    }
                    return Poll::Ready(Ok(()));
                }
                Stage::Refused => return Poll::Pending,
            }
        }
    }
}

impl<I: Client> AsyncWrite for Front<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let written = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.count(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let written = Pin::new(&mut this.io).poll_write_vectored(cx, pieces);
        this.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    /// Shuts down the sending side, and then discards for a while what the client still sends:
    /// closing a socket with unread bytes resets the connection, and the response is lost.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.io).poll_shutdown(cx))?;
            if !this.has_unread() {
                return Poll::Ready(Ok(()));
            }
            this.place.exchange.end();
            this.place.wait();
        }
        let linger = this.linger.get_or_insert_with(|| Linger {
            left: LINGER_BYTES,
            time: Box::pin(sleep(LINGER_TIME)),
        });
        let mut piece = [0; PIECE];
        loop {
            let is_over = linger.time.as_mut().poll(cx).is_ready();
            if is_over || linger.left == 0 || this.place.exchange.yields() {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut piece);
            // Done when the client has closed or reset the connection.
            if ready!(Pin::new(&mut this.io).poll_read(cx, &mut buffer)).is_err()
                || buffer.filled().is_empty()
            {
                return Poll::Ready(Ok(()));
            }
            linger.left = linger.left.saturating_sub(buffer.filled().len() as u64);
        }
    }
}
