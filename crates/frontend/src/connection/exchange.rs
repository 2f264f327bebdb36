//! State that a connection shares with the requests on it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use super::crowd::Room;
use super::fault::Fault;
use crate::ending::{Ending, Running};

/// State that a connection and the requests on it share.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Dropped to end responses that have no end.
    running: Mutex<Option<Running>>,
    ending: Ending,
    /// Why the request that hyper reads replaces the original one.
    fault: Mutex<Option<Fault>>,
    /// Set between a head and the end of its response.
    busy: AtomicBool,
    /// The connection has no place of its own.
    at_the_door: AtomicBool,
    /// The connection has to make room for another one.
    yields: AtomicBool,
    /// The connection has to close at once.
    cut: AtomicBool,
    /// The bytes belong to a protocol other than HTTP from now on.
    raw: AtomicBool,
    /// Bytes written to the client's socket.
    written: AtomicU64,
    /// The task of the connection.
    connection: AtomicWaker,
    /// A response that waits until the client has read more.
    answer: AtomicWaker,
}

impl Exchange {
    pub(super) fn new(room: Room) -> Self {
        let (running, ending) = Ending::new();
        Self {
            running: Mutex::new(Some(running)),
            ending,
            fault: Mutex::default(),
            busy: AtomicBool::new(false),
            at_the_door: AtomicBool::new(room == Room::Door),
            yields: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            raw: AtomicBool::new(false),
            written: AtomicU64::new(0),
            connection: AtomicWaker::new(),
            answer: AtomicWaker::new(),
        }
    }

    /// A handle that reports when responses without an end have to end.
    pub(crate) fn ending(&self) -> Ending {
        self.ending.clone()
    }

    /// Ends responses that have no end of their own.
    pub(super) fn end_endless(&self) {
        drop(lock(&self.running).take());
    }

    /// Closes the connection, even with data left to write.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.connection.wake();
        self.answer.wake();
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// Passes the bytes after the head through unchanged in both directions: the response changes
    /// the protocol.
    pub(crate) fn hijack(&self) {
        self.raw.store(true, Ordering::Release);
        self.connection.wake();
    }

    pub(super) fn is_raw(&self) -> bool {
        self.raw.load(Ordering::Acquire)
    }

    /// Whether the connection has a place.
    pub(crate) fn room(&self) -> Room {
        match self.at_the_door.load(Ordering::Acquire) {
            true => Room::Door,
            false => Room::Inside,
        }
    }

    /// A place has become free for it.
    pub(super) fn enter(&self) {
        self.at_the_door.store(false, Ordering::Release);
    }

    pub(super) fn yield_place(&self) {
        self.yields.store(true, Ordering::Release);
        self.connection.wake();
    }

    pub(super) fn yields(&self) -> bool {
        self.yields.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self, fault: Fault) {
        *lock(&self.fault) = Some(fault);
    }

    /// Why the request has to be refused.
    pub(crate) fn take_fault(&self) -> Option<Fault> {
        lock(&self.fault).take()
    }

    /// A request was read, and its response is pending.
    pub(super) fn begin(&self) {
        self.busy.store(true, Ordering::Release);
    }

    /// The response has ended.
    pub(crate) fn end(&self) {
        self.busy.store(false, Ordering::Release);
        self.connection.wake();
    }

    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    /// The task that is woken when something here changes.
    pub(super) fn register(&self, cx: &Context<'_>) {
        self.connection.register(cx.waker());
    }

    pub(super) fn add_written(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Ordering::Release);
        self.answer.wake();
    }

    /// Bytes written to the client's socket so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Ready when this many bytes were written to the socket.
    pub(crate) fn poll_written(&self, bytes: u64, cx: &Context<'_>) -> Poll<()> {
        if self.written() >= bytes {
            return Poll::Ready(());
        }
        self.answer.register(cx.waker());
        match self.written() >= bytes {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
