//! State in SQLite.

mod add;
mod blobs;
mod check;
mod connection;
mod container_pages;
mod containers;
mod documents;
mod encodings;
mod fault;
mod find;
mod forget;
mod identity;
mod images;
mod jobs;
mod locations;
mod look;
mod names;
mod reader;
mod readers;
mod remove;
mod repo_digests;
mod schema;
mod staged;
mod store;
mod task;
mod value;
mod variants;
mod worker;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use self::check::Checking;
use self::fault::Fault;
use self::jobs::RunningJobs;
pub use self::look::{SqliteAudit, SqliteFacts, SqliteFile};
use self::readers::Readers;
use self::worker::Worker;
use crate::Error;

/// State in an SQLite database: a file, or memory.
///
/// One thread writes, and requests that wait for it at the same time share a commit; a file has
/// threads of its own for reading, which never wait for the writer.
///
/// Dropping the store finishes the requests that were accepted, empties the write-ahead log into
/// the file and closes it. That blocks for as long as a commit takes.
#[derive(Debug)]
pub struct SqliteStore {
    /// Dropped before everything else, because it reads too.
    _checking: Option<Checking>,
    /// Dropped first: only the connection that closes last can empty the log, and these may not
    /// write. `None` when the writer reads too, as it does in memory.
    readers: Option<Readers>,
    writer: Worker,
    jobs: RunningJobs,
}

impl SqliteStore {
    /// Opens the state in the file at `path`, which is created when there is none, and migrated
    /// when an older version of this program wrote it. Its folder must exist.
    ///
    /// Beside it SQLite keeps `…-wal` and `…-shm` while it is open.
    ///
    /// # Errors
    /// [`Error::Foreign`] for a file of another kind and [`Error::SchemaFromFuture`] for one of a
    /// newer version, both left unchanged; [`Error::Damaged`] for a damaged one. Every page of a
    /// file of up to 8 MiB is checked here; a larger one gets a quick check now, and a check of
    /// every page while it is in use. [`Error::Unavailable`] when it cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let store: Arc<str> = path.display().to_string().into();
        // SQLite does not treat some relative names (`:memory:`, `file:…`) as files.
        let path: Arc<Path> = std::path::absolute(path)
            .map_err(|error| Fault::unavailable(error).into_error(&store, "opening it"))?
            .into();

        let (mut writer, queue) = Worker::new(Arc::clone(&store));
        let (at, name) = (Arc::clone(&path), Arc::clone(&store));
        let open = move || connection::writer(&at, &name);
        let name = Arc::clone(&store);
        let serve = move |connection| writer::serve(&connection, queue, &name);
        writer.start("state-writer", open, serve).await?;

        let readers = Readers::open(Arc::clone(&path), Arc::clone(&store)).await?;
        let size = readers.ask("opening it", check::size).await?;
        let checking = (size > check::AT_ONCE)
            .then(|| Checking::begin(path.to_path_buf(), Arc::clone(&store)))
            .transpose()
            .map_err(|fault| fault.into_error(&store, "opening it"))?;
        Ok(Self {
            _checking: checking,
            readers: Some(readers),
            writer,
            jobs: RunningJobs::default(),
        })
    }

    /// Opens an empty state in memory. It ends with the store.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system has no thread or memory left.
    pub async fn in_memory() -> Result<Self, Error> {
        const STORE: &str = "memory";
        let (mut writer, queue) = Worker::new(STORE.into());
        let serve = move |connection| writer::serve(&connection, queue, STORE);
        writer
            .start("state-memory", || connection::memory(STORE), serve)
            .await?;
        Ok(Self {
            _checking: None,
            readers: None,
            writer,
            jobs: RunningJobs::default(),
        })
    }

    /// The ID of this state, which stays the same when its file is moved: 32 hexadecimal
    /// characters.
    ///
    /// # Errors
    /// As every look-up.
    pub async fn id(&self) -> Result<String, Error> {
        self.read("reading its ID", identity::get).await
    }

    async fn read<T, F>(&self, doing: &'static str, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        match &self.readers {
            Some(readers) => readers.ask(doing, work).await,
            None => self.writer.ask(doing, work).await,
        }
    }
}
