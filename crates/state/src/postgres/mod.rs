//! State in PostgreSQL.

mod add;
mod address;
mod audit;
mod binding;
mod blobs;
mod connect;
mod containers;
mod documents;
mod facts;
mod fault;
mod feed;
mod find;
mod forget;
mod images;
mod jobs;
mod names;
mod places;
mod pointers;
mod pool;
mod pooler;
mod registries;
mod remove;
mod row;
mod schema;
mod server;
mod session;
mod sql;
mod staged;
mod tls;
mod transaction;
mod trust;
mod value;
mod variants;
mod work;

#[cfg(test)]
mod tests;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use self::connect::Connector;
use self::jobs::Jobs;
use self::session::Session;
use self::work::{Works, attempt, transact};
use crate::{
    Added, Addition, Blob, Container, ContainerAdded, Counts, Encoding, Error, Exclusive,
    Forgotten, Found, Job, Place, Removal, Removed, Renamed, Staged, StateStore, Users,
};

pub use self::audit::PostgresAudit;
pub use self::facts::PostgresFacts;
pub use self::feed::{Feed, Following, News, Telling, Told};

const OPENING: &str = "opening it";

/// State in a PostgreSQL database, which any number of daemons share.
///
/// Look-ups are one statement and one round trip. What looks and then writes is a serialisable
/// transaction: when another one was in the way it is done again, for some seconds and then
/// [`Error::Unavailable`].
///
/// Connections are opened when they are needed, up to 16, and one that has ended is replaced. A
/// request whose connection breaks is done once more if it surely has not happened; otherwise it is
/// [`Error::Unavailable`]. A transaction is rolled back when the future that does it is dropped.
///
/// A session keeps locks, prepared statements and what it listens to, so a pooler in between must
/// not give one session to several clients.
pub struct PostgresStore {
    works: Works,
    jobs: Jobs,
}

impl PostgresStore {
    /// Opens the state in the database at this `postgres://` URL, which has to be there; its tables
    /// are created when there are none, and migrated when an older version of this program made
    /// them, by one daemon at a time.
    ///
    /// The URL is libpq's. Of its parameters `sslmode` may be `disable`, `prefer`, `require`,
    /// `verify-ca` or `verify-full`, with the authorities in the file `sslrootcert` or else the
    /// system's. Of several hosts the one that takes changes is used.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`], [`Error::AccessDenied`] and
    /// [`Error::DatabaseMissing`] when there is no connection. [`Error::SharedSession`],
    /// [`Error::ServerTooOld`], [`Error::Encoding`], [`Error::ReadOnly`], [`Error::RightsMissing`], [`Error::Foreign`] and
    /// [`Error::SchemaFromFuture`] when it cannot hold this state, and is left as it was.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let connector = Connector::new(url).await?;
        let session = Session::open(&connector).await?;
        pooler::refuse_shared_sessions(&session, &connector).await?;
        schema::migrate(&session, connector.store(), schema::MIGRATIONS)
            .await
            .map_err(|fault| fault.into_error(connector.store(), OPENING))?;
        Ok(Self {
            works: Works::new(connector.clone()),
            jobs: Jobs::new(connector),
        })
    }

    /// What the database at this URL is like. Nothing is made or migrated there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn look(url: &str) -> Result<PostgresFacts, Error> {
        let connector = Connector::new(url).await?;
        let session = Session::open(&connector).await?;
        pooler::refuse_shared_sessions(&session, &connector).await?;
        facts::look(&session, connector.store())
            .await
            .map_err(|fault| fault.into_error(connector.store(), OPENING))
    }

    /// Compares every document in the database at this URL, which has tables, with its digest.
    ///
    /// # Errors
    /// As [`open`](Self::open). A document that is damaged is no error.
    pub async fn audit(url: &str) -> Result<PostgresAudit, Error> {
        let connector = Connector::new(url).await?;
        let session = Session::open(&connector).await?;
        let audited = audit::audit(&session).await;
        audited.map_err(|fault| fault.into_error(connector.store(), "reading its documents"))
    }

    /// What all daemons with this database tell each other. Starts a task.
    pub fn feed(&self) -> Feed {
        Feed::new(self.works.connector().clone())
    }

    /// What the database and its server are like.
    ///
    /// # Errors
    /// As every look-up.
    pub async fn facts(&self) -> Result<PostgresFacts, Error> {
        attempt!(self.works.again("looking at the server"), |session| {
            facts::facts(session)
        })
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresStore")
            .field(&self.works.connector().store())
            .finish()
    }
}

#[async_trait]
impl StateStore for PostgresStore {
    async fn add(&self, addition: Addition) -> Result<Added, Error> {
        transact!(self.works, "adding images", |transaction| add::add(
            transaction,
            &addition
        ))
    }

    async fn find(&self, query: &Query) -> Result<Option<Found>, Error> {
        attempt!(self.works.again("finding an image"), |session| find::find(
            session, query
        ))
    }

    async fn tag(
        &self,
        source: &Query,
        name: &Reference,
        at: Timestamp,
    ) -> Result<Option<Digest>, Error> {
        attempt!(self.works.once("tagging an image"), |session| find::tag(
            session, source, name, at
        ))
    }

    async fn places(&self, after: Option<Place>, limit: usize) -> Result<Vec<Place>, Error> {
        attempt!(self.works.again("listing images"), |session| places::next(
            session, after, limit
        ))
    }

    async fn with_ids(&self, ids: &[Digest]) -> Result<Vec<Found>, Error> {
        attempt!(
            self.works.again("listing images"),
            |session| find::with_ids(session, ids)
        )
    }

    async fn places_in(
        &self,
        beginnings: &[String],
        limit: usize,
    ) -> Result<Option<Vec<Place>>, Error> {
        attempt!(self.works.again("looking for names"), |session| {
            places::in_repositories(session, beginnings, limit)
        })
    }

    async fn names_of(
        &self,
        repository: &str,
        after_tag: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Reference, Digest)>, Error> {
        attempt!(self.works.again("listing tags"), |session| names::of(
            session, repository, after_tag, limit
        ))
    }

    async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        attempt!(self.works.again("reading a document"), |session| {
            documents::get_bytes(session, digest)
        })
    }

    async fn blobs_with_diff_ids(&self, diff_ids: &[Digest]) -> Result<Vec<Blob>, Error> {
        attempt!(self.works.again("looking for blobs"), |session| {
            blobs::with_diff_ids(session, diff_ids)
        })
    }

    async fn referenced(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        attempt!(self.works.again("looking for references"), |session| {
            blobs::referenced(session, digests)
        })
    }

    async fn locations(&self, digests: &[Digest]) -> Result<Vec<(Digest, String)>, Error> {
        attempt!(
            self.works.again("looking for locations of blobs"),
            |session| registries::locations(session, digests)
        )
    }

    async fn remember(
        &self,
        encodings: &[Encoding],
        locations: &[(Digest, String)],
    ) -> Result<(), Error> {
        attempt!(self.works.once("remembering encodings"), |session| {
            registries::remember(session, encodings, locations)
        })
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<Forgotten, Error> {
        transact!(self.works, "forgetting encodings", |transaction| {
            forget::forget(transaction, before, limit)
        })
    }

    async fn encodings(&self, diff_ids: &[Digest], encoding: &str) -> Result<Vec<Encoding>, Error> {
        attempt!(self.works.again("looking for encodings"), |session| {
            registries::encodings(session, diff_ids, encoding)
        })
    }

    async fn staged(&self, target: Digest, repository: &str) -> Result<Vec<Staged>, Error> {
        attempt!(self.works.again("looking for staged forms"), |session| {
            staged::of(session, target, repository)
        })
    }

    async fn record(
        &self,
        target: Digest,
        repo_digests: &[Reference],
        locations: &[(Digest, String)],
    ) -> Result<bool, Error> {
        attempt!(self.works.once("recording a push"), |session| {
            registries::record(session, target, repo_digests, locations)
        })
    }

    async fn remove(&self, removal: &Removal) -> Result<Removed, Error> {
        transact!(self.works, "removing images", |transaction| remove::remove(
            transaction,
            removal
        ))
    }

    async fn remove_variants(
        &self,
        target: Digest,
        manifests: &[Digest],
    ) -> Result<Removed, Error> {
        transact!(self.works, "removing variants of an image", |transaction| {
            variants::remove(transaction, target, manifests)
        })
    }

    async fn add_container(&self, container: &Container) -> Result<ContainerAdded, Error> {
        transact!(self.works, "adding a container", |transaction| {
            containers::add(transaction, container)
        })
    }

    async fn container(&self, word: &str) -> Result<Option<Container>, Error> {
        attempt!(self.works.again("finding a container"), |session| {
            containers::find(session, word)
        })
    }

    async fn containers(&self, after: Option<&str>, limit: usize) -> Result<Vec<Container>, Error> {
        attempt!(self.works.again("listing containers"), |session| {
            containers::page(session, after, limit)
        })
    }

    async fn rename_container(&self, id: &str, name: &str) -> Result<Renamed, Error> {
        attempt!(self.works.once("renaming a container"), |session| {
            containers::rename(session, id, name)
        })
    }

    async fn remove_container(&self, id: &str) -> Result<bool, Error> {
        attempt!(self.works.once("removing a container"), |session| {
            containers::remove(session, id)
        })
    }

    async fn users(&self, ids: &[Digest]) -> Result<Vec<Users>, Error> {
        attempt!(self.works.again("looking for users"), |session| {
            containers::users(session, ids)
        })
    }

    async fn exclusive(&self, job: Job) -> Result<Option<Exclusive>, Error> {
        let begun = self.jobs.begin(job).await;
        begun.map_err(|fault| fault.into_error(self.works.connector().store(), "beginning a job"))
    }

    async fn counts(&self) -> Result<Counts, Error> {
        attempt!(self.works.again("counting"), |session| documents::counts(
            session
        ))
    }

    async fn images_and_containers(&self) -> Result<(u64, u64), Error> {
        attempt!(self.works.again("counting"), |session| {
            documents::images_and_containers(session)
        })
    }
}
