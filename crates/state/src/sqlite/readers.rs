//! Distributes look-ups between the caller's thread and threads for reading.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use rusqlite::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};

use super::fault::Fault;
use super::worker::Worker;
use super::{connection, reader};
use crate::Error;

/// Threads that read. Look-ups take microseconds; the second is for others while the first reads
/// many images.
const THREADS: usize = 2;

/// Connections that only read, all but one with a thread.
///
/// A single request uses that one, on the thread of the caller: waking another thread, and being
/// woken by it, takes longer than most look-ups. With several requests at the same time the threads
/// are awake, and the runtime's own stay free.
pub(super) struct Readers {
    store: Arc<str>,
    threads: Worker,
    own: Mutex<Connection>,
    asking: AtomicUsize,
}

impl Readers {
    /// Opens connections to a file that the writer has opened.
    pub(super) async fn open(path: Arc<Path>, store: Arc<str>) -> Result<Self, Error> {
        let (mut threads, queue) = Worker::new(Arc::clone(&store));
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..THREADS {
            let (at, queue, name) = (Arc::clone(&path), Arc::clone(&queue), Arc::clone(&store));
            let open = move || connection::reader(&at);
            let serve = move |connection| reader::serve(&connection, &queue, &name);
            threads.start("state-reader", open, serve).await?;
        }
        let own = spawn_blocking(move || connection::reader(&path)).await;
        let own = own.unwrap_or_else(|panic| Err(Fault::unavailable(panic)));
        Ok(Self {
            threads,
            own: Mutex::new(own.map_err(|fault| fault.into_error(&store, "opening it"))?),
            store,
            asking: AtomicUsize::new(0),
        })
    }

    /// Runs `work` in a transaction and returns its result.
    pub(super) async fn ask<T, F>(&self, doing: &'static str, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let asking = Asking::begin(&self.asking);
        if asking.alone
            && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread
            && let Some(connection) = self.own()
        {
            let read = block_in_place(|| reader::snapshot(&connection, work)?);
            return read.map_err(|fault| fault.into_error(&self.store, doing));
        }
        self.threads.ask(doing, work).await
    }

    /// The connection without a thread, unless it is in use.
    fn own(&self) -> Option<MutexGuard<'_, Connection>> {
        match self.own.try_lock() {
            Ok(connection) => Some(connection),
            Err(TryLockError::Poisoned(connection)) => Some(connection.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

/// Counts a request while it lasts.
struct Asking<'a> {
    count: &'a AtomicUsize,
    alone: bool,
}

impl<'a> Asking<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        let alone = count.fetch_add(1, Ordering::Relaxed) == 0;
        Self { count, alone }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}
