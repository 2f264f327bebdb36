//! The connections that read. A request takes one of them and sees one state.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use rusqlite::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::{block_in_place, spawn_blocking};

use super::connection;
use super::fault::Fault;
use crate::Error;

/// Connections to a file. Look-ups take microseconds; the others are for them while some read many
/// images.
const READERS: usize = 3;

/// Connections that only read.
///
/// A look-up runs on the thread of whoever asks: to wake another one, and to be woken by it, takes
/// longer than most look-ups. The runtime gives its other tasks another thread meanwhile.
pub(super) struct Readers {
    store: Arc<str>,
    connections: Arc<[Mutex<Connection>]>,
    /// As many permits as there are connections.
    turns: Arc<Semaphore>,
}

impl Readers {
    /// Opens connections to a file that the writer has opened.
    pub(super) async fn open(path: Arc<Path>, store: Arc<str>) -> Result<Self, Error> {
        let open = move || {
            let connections = (0..READERS).map(|_| connection::reader(&path).map(Mutex::new));
            connections.collect::<Result<Arc<[_]>, _>>()
        };
        let opened = spawn_blocking(open).await;
        let opened = opened.unwrap_or_else(|panic| Err(Fault::unavailable(panic)));
        Ok(Self {
            connections: opened.map_err(|fault| fault.into_error(&store, "opening it"))?,
            turns: Arc::new(Semaphore::new(READERS)),
            store,
        })
    }

    /// Has `work` done in a transaction and returns what it gave.
    pub(super) async fn ask<T, F>(&self, doing: &'static str, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| self.closed())?;
        let connections = Arc::clone(&self.connections);
        let read = move || {
            // Given back after the connection, so that whoever has a turn finds a free one.
            let _turn = turn;
            let free = connections.iter().find_map(free);
            let connection =
                free.ok_or_else(|| Fault::unavailable("every connection is in use"))?;
            snapshot(&connection, work)
        };
        let result = match Handle::current().runtime_flavor() {
            RuntimeFlavor::MultiThread => block_in_place(read),
            _ => spawn_blocking(read).await.map_err(|_| self.closed())?,
        };
        result.map_err(|fault| fault.into_error(&self.store, doing))
    }

    fn closed(&self) -> Error {
        Error::Closed {
            store: self.store.to_string(),
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

/// The connection, unless somebody uses it.
fn free(connection: &Mutex<Connection>) -> Option<MutexGuard<'_, Connection>> {
    match connection.try_lock() {
        Ok(connection) => Some(connection),
        Err(TryLockError::Poisoned(connection)) => Some(connection.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Compiled once, unlike those of [`rusqlite::Transaction`]: for a short look-up that counts.
fn snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let execute = |sql| connection.prepare_cached(sql)?.execute(());
    if !connection.is_autocommit() {
        // Left by a commit that failed, or by a panic.
        execute("ROLLBACK")?;
    }
    execute("BEGIN")?;
    let result = work(connection);
    execute("COMMIT")?;
    result
}
