//! State in PostgreSQL.

mod add;
mod address;
mod audit;
mod binding;
mod blobs;
mod connect;
mod container_pages;
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
mod store;
mod tls;
mod transaction;
mod value;
mod variants;
mod work;

#[cfg(test)]
mod tests;

use std::fmt;

use self::connect::Connector;
use self::jobs::JobLocks;
use self::session::Session;
use self::work::{Works, attempt};
use crate::Error;

pub use self::audit::PostgresAudit;
pub use self::facts::PostgresFacts;
pub use self::feed::{Feed, Following, News, Telling, Told};

const OPENING: &str = "opening it";

/// State in a PostgreSQL database, which any number of daemons share.
///
/// Look-ups are one statement and one round trip. Operations that read and then write are
/// serialisable transactions: they are retried after a conflict, for some seconds, and then fail
/// with [`Error::Unavailable`].
///
/// Connections are opened when they are needed, up to 16, and one that has ended is replaced. A
/// request whose connection is lost is retried once if it certainly was not done; otherwise it
/// fails with [`Error::Unavailable`]. A transaction is rolled back when the future that does it is
/// dropped.
///
/// A session has locks, prepared statements and subscriptions, so a pooler in between must not give
/// one session to several clients.
pub struct PostgresStore {
    works: Works,
    jobs: JobLocks,
}

impl PostgresStore {
    /// Opens the state in the database at this `postgres://` URL, which must exist; its tables are
    /// created when there are none, and migrated when an older version of this program made them,
    /// by one daemon at a time.
    ///
    /// The URL is libpq's. Of its parameters `sslmode` may be `disable`, `prefer`, `require`,
    /// `verify-ca` or `verify-full`, with the authorities in the file `sslrootcert`, or the
    /// system's by default. Of several hosts the one that accepts changes is used.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`], [`Error::AccessDenied`] and
    /// [`Error::DatabaseMissing`] when there is no connection. [`Error::SharedSession`],
    /// [`Error::ServerTooOld`], [`Error::Encoding`], [`Error::ReadOnly`], [`Error::RightsMissing`],
    /// [`Error::Foreign`] and [`Error::SchemaFromFuture`] when it cannot hold this state; it is
    /// left unchanged.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let connector = Connector::new(url).await?;
        let session = Session::open(&connector).await?;
        pooler::refuse_shared_sessions(&session, &connector).await?;
        schema::migrate(&session, connector.store(), schema::MIGRATIONS)
            .await
            .map_err(|fault| fault.into_error(connector.store(), OPENING))?;
        Ok(Self {
            works: Works::new(connector.clone()),
            jobs: JobLocks::new(connector),
        })
    }

    /// Facts about the database at this URL. Nothing is created or migrated there.
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
    /// As [`open`](Self::open). A damaged document is not an error.
    pub async fn audit(url: &str) -> Result<PostgresAudit, Error> {
        let connector = Connector::new(url).await?;
        let session = Session::open(&connector).await?;
        let audited = audit::audit(&session).await;
        audited.map_err(|fault| fault.into_error(connector.store(), "reading its documents"))
    }

    /// The feed of all daemons with this database. Starts a task.
    pub fn feed(&self) -> Feed {
        Feed::new(self.works.connector().clone())
    }

    /// Facts about the database and its server.
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
