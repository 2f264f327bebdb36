//! State in SQLite.

mod add;
mod blobs;
mod check;
mod connection;
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
mod task;
mod value;
mod variants;
mod worker;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::Connection;
use sockerless_reference::{Digest, Query, Reference};

use self::check::Checking;
use self::fault::Fault;
use self::jobs::Jobs;
pub use self::look::{SqliteAudit, SqliteFacts, SqliteFile};
use self::readers::Readers;
use self::worker::Worker;
use crate::{
    Added, Addition, Blob, Container, ContainerAdded, Counts, Encoding, Error, Exclusive,
    Forgotten, Found, Job, Place, Removal, Removed, Renamed, Staged, StateStore, Users,
};

/// State in an SQLite database: a file, or memory.
///
/// One thread writes, and requests that wait for it at the same time share a commit; a file has
/// threads of its own for reading, which never wait for the writer.
///
/// Dropping the store finishes the requests that were accepted, empties the write-ahead log into
/// the file and closes it. That blocks for as long as a commit takes.
#[derive(Debug)]
pub struct SqliteStore {
    /// Dropped before everything else, as it reads too.
    _checking: Option<Checking>,
    /// Dropped first: only the connection that closes last can empty the log, and these may not
    /// write. None when the writer reads too, as it does in memory.
    readers: Option<Readers>,
    writer: Worker,
    jobs: Jobs,
}

impl SqliteStore {
    /// Opens the state in the file at `path`, which is created when there is none, and migrated
    /// when an older version of this program wrote it. Its folder has to be there.
    ///
    /// Beside it SQLite keeps `…-wal` and `…-shm` while it is open.
    ///
    /// # Errors
    /// [`Error::Foreign`] for a file of another kind and [`Error::SchemaFromFuture`] for one of a
    /// newer version, both left as they were; [`Error::Damaged`] for one that is not as it was left,
    /// as far as that shows in a file of up to 8 MiB, or at once in a larger one, of which every page
    /// is looked at later, while it is served; [`Error::Unavailable`] when it cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let store: Arc<str> = path.display().to_string().into();
        // SQLite takes some relative names (`:memory:`, `file:…`) for something else than a file.
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
            jobs: Jobs::default(),
        })
    }

    /// Opens an empty state in memory. It ends with the store.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system gives no thread or memory.
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
            jobs: Jobs::default(),
        })
    }

    /// What tells this state from any other, also when its file was moved: 32 hexadecimal
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

#[async_trait]
impl StateStore for SqliteStore {
    async fn add(&self, addition: Addition) -> Result<Added, Error> {
        let large = add::is_large(&addition);
        let add = move |connection: &_| add::add(connection, &addition);
        self.writer.ask_much(large, "adding images", add).await
    }

    async fn find(&self, query: &Query) -> Result<Option<Found>, Error> {
        let query = query.clone();
        let find = move |connection: &_| find::find(connection, &query);
        self.read("finding an image", find).await
    }

    async fn tag(
        &self,
        source: &Query,
        name: &Reference,
        at: Timestamp,
    ) -> Result<Option<Digest>, Error> {
        let (source, name) = (source.clone(), name.clone());
        let tag = move |connection: &_| find::tag(connection, &source, &name, at);
        self.writer.ask("tagging an image", tag).await
    }

    async fn places(&self, after: Option<Place>, limit: usize) -> Result<Vec<Place>, Error> {
        let places = move |connection: &_| images::places(connection, after, limit);
        self.read("listing images", places).await
    }

    async fn with_ids(&self, ids: &[Digest]) -> Result<Vec<Found>, Error> {
        let ids = ids.to_vec();
        let images = move |connection: &_| find::with_ids(connection, &ids);
        self.read("listing images", images).await
    }

    async fn places_in(
        &self,
        beginnings: &[String],
        limit: usize,
    ) -> Result<Option<Vec<Place>>, Error> {
        let beginnings = beginnings.to_vec();
        let places = move |connection: &_| images::places_in(connection, &beginnings, limit);
        self.read("looking for names", places).await
    }

    async fn names_of(
        &self,
        repository: &str,
        after_tag: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Reference, Digest)>, Error> {
        let (repository, after) = (repository.to_owned(), after_tag.map(str::to_owned));
        let names =
            move |connection: &_| names::of(connection, &repository, after.as_deref(), limit);
        self.read("listing tags", names).await
    }

    async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        let document = move |connection: &_| documents::get(connection, digest);
        self.read("reading a document", document).await
    }

    async fn blobs_with_diff_ids(&self, diff_ids: &[Digest]) -> Result<Vec<Blob>, Error> {
        let diff_ids = diff_ids.to_vec();
        let blobs = move |connection: &_| blobs::with_diff_ids(connection, &diff_ids);
        self.read("looking for blobs", blobs).await
    }

    async fn referenced(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let digests = digests.to_vec();
        let referenced = move |connection: &_| blobs::referenced(connection, &digests);
        self.read("looking for references", referenced).await
    }

    async fn locations(&self, digests: &[Digest]) -> Result<Vec<(Digest, String)>, Error> {
        let digests = digests.to_vec();
        let locations = move |connection: &_| locations::of(connection, &digests);
        self.read("looking for locations of blobs", locations).await
    }

    async fn remember(
        &self,
        encodings: &[Encoding],
        locations: &[(Digest, String)],
    ) -> Result<(), Error> {
        let (encodings, locations) = (encodings.to_vec(), locations.to_vec());
        let remember = move |connection: &_| {
            encodings::set(connection, &encodings)?;
            locations::add(connection, &locations)
        };
        self.writer.ask("remembering encodings", remember).await
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<Forgotten, Error> {
        let forget = move |connection: &_| forget::forget(connection, before, limit);
        self.writer.ask("forgetting encodings", forget).await
    }

    async fn encodings(&self, diff_ids: &[Digest], encoding: &str) -> Result<Vec<Encoding>, Error> {
        let (diff_ids, encoding) = (diff_ids.to_vec(), encoding.to_owned());
        let encodings = move |connection: &_| encodings::of(connection, &diff_ids, &encoding);
        self.read("looking for encodings", encodings).await
    }

    async fn staged(&self, target: Digest, repository: &str) -> Result<Vec<Staged>, Error> {
        let repository = repository.to_owned();
        let staged = move |connection: &_| staged::of(connection, target, &repository);
        self.read("looking for staged forms", staged).await
    }

    async fn record(
        &self,
        target: Digest,
        repo_digests: &[Reference],
        locations: &[(Digest, String)],
    ) -> Result<bool, Error> {
        let (repo_digests, locations) = (repo_digests.to_vec(), locations.to_vec());
        let record =
            move |connection: &_| add::record(connection, target, &repo_digests, &locations);
        self.writer.ask("recording a push", record).await
    }

    async fn remove(&self, removal: &Removal) -> Result<Removed, Error> {
        let removal = removal.clone();
        let large = remove::is_large(&removal);
        let remove = move |connection: &_| remove::remove(connection, &removal);
        self.writer.ask_much(large, "removing images", remove).await
    }

    async fn remove_variants(
        &self,
        target: Digest,
        manifests: &[Digest],
    ) -> Result<Removed, Error> {
        let manifests = manifests.to_vec();
        let remove = move |connection: &_| variants::remove(connection, target, &manifests);
        self.writer
            .ask_much(true, "removing variants of an image", remove)
            .await
    }

    async fn add_container(&self, container: &Container) -> Result<ContainerAdded, Error> {
        let container = container.clone();
        let add = move |connection: &_| containers::add(connection, &container);
        self.writer.ask("adding a container", add).await
    }

    async fn container(&self, word: &str) -> Result<Option<Container>, Error> {
        let word = word.to_owned();
        let find = move |connection: &_| containers::find(connection, &word);
        self.read("finding a container", find).await
    }

    async fn containers(&self, after: Option<&str>, limit: usize) -> Result<Vec<Container>, Error> {
        let after = after.map(str::to_owned);
        let page = move |connection: &_| containers::page(connection, after.as_deref(), limit);
        self.read("listing containers", page).await
    }

    async fn rename_container(&self, id: &str, name: &str) -> Result<Renamed, Error> {
        let (id, name) = (id.to_owned(), name.to_owned());
        let rename = move |connection: &_| containers::rename(connection, &id, &name);
        self.writer.ask("renaming a container", rename).await
    }

    async fn remove_container(&self, id: &str) -> Result<bool, Error> {
        let id = id.to_owned();
        let remove = move |connection: &_| containers::remove(connection, &id);
        self.writer.ask("removing a container", remove).await
    }

    async fn users(&self, ids: &[Digest]) -> Result<Vec<Users>, Error> {
        let ids = ids.to_vec();
        let users = move |connection: &_| containers::users(connection, &ids);
        self.read("looking for users", users).await
    }

    async fn exclusive(&self, job: Job) -> Result<Option<Exclusive>, Error> {
        Ok(self.jobs.begin(job))
    }

    async fn counts(&self) -> Result<Counts, Error> {
        let counts = |connection: &_| {
            Ok(Counts {
                images: images::count(connection)?,
                names: names::count(connection)?,
                containers: containers::count(connection)?,
            })
        };
        self.read("counting", counts).await
    }

    async fn images_and_containers(&self) -> Result<(u64, u64), Error> {
        let counts =
            |connection: &_| Ok((images::count(connection)?, containers::count(connection)?));
        self.read("counting", counts).await
    }
}
