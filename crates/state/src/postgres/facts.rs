//! Facts about a database and its server.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::documents;
use super::fault::Fault;
use super::schema::{self, MIGRATIONS};
use super::server::Server;
use super::session::{Session, ask};
use super::value::get;
use crate::Counts;

/// The server's clock, whether this connection is encrypted, and whether a commit reaches the disk
/// before its response is sent.
const NOW: &str = "\
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, \
    COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE), \
    current_setting('fsync')::boolean AND current_setting('synchronous_commit') <> 'off', \
    current_setting('max_connections')::int";

/// Facts about a database, for its administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresFacts {
    /// The server's version: `15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
    /// Name of the database.
    pub database: String,
    /// Name of the schema in which the tables are.
    pub schema: String,
    /// The user of this connection, as the server reports it.
    pub user: String,
    /// The version of the tables; 0 when there are none yet.
    pub schema_version: i64,
    /// The newest version of the tables that this program knows.
    pub known_schema_version: i64,
    /// Whether the server accepts changes. False for a replica.
    pub primary: bool,
    /// A right that the user lacks: `insert into table names`.
    pub missing_right: Option<String>,
    /// How far the server's clock is ahead of this machine's, to half a round trip.
    pub clock_skew: SignedDuration,
    /// How long a round trip to the server takes, with its shortest statement.
    pub round_trip: Duration,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// Whether the server is configured to flush a commit to its disk before it responds.
    pub durable: bool,
    /// Connections that the server accepts, of all users together.
    pub max_connections: u32,
    /// The numbers of objects; zero when there are no tables yet.
    pub counts: Counts,
}

/// Facts about a database that may be without tables. Changes nothing.
pub(super) async fn look(session: &Session, store: &str) -> Result<PostgresFacts, Fault> {
    let server = Server::look(session).await?;
    let schema_version = schema::look(session, &server, store).await?;
    let counts = match schema_version {
        0 => Counts::default(),
        _ => documents::counts(session).await?,
    };
    describe(session, server, schema_version, counts).await
}

/// Facts about a database with tables.
pub(super) async fn facts(session: &Session) -> Result<PostgresFacts, Fault> {
    let server = Server::look(session).await?;
    let schema_version = schema::recorded(session).await?;
    let counts = documents::counts(session).await?;
    describe(session, server, schema_version, counts).await
}

async fn describe(
    session: &Session,
    server: Server,
    schema_version: i64,
    counts: Counts,
) -> Result<PostgresFacts, Fault> {
    let missing_right = server.forbidden(session).await?;
    // Prepares the statement, so that the time is that of one round trip.
    session.one(ask!(NOW)).await?;
    let (before, began) = (Timestamp::now(), Instant::now());
    let rows = session.one(ask!(NOW)).await?;
    let round_trip = began.elapsed();
    let row = rows.first();
    let row = row.ok_or_else(|| Fault::damaged("the server does not tell the time"))?;
    let now = Timestamp::from_microsecond(get(row, 0)?).map_err(Fault::damaged)?;
    let half = SignedDuration::try_from(round_trip / 2).unwrap_or_default();
    let max_connections: i32 = get(row, 3)?;
    Ok(PostgresFacts {
        version: server.version,
        database: server.database,
        schema: server.schema,
        user: server.user,
        schema_version,
        known_schema_version: schema::count(MIGRATIONS.len()),
        primary: !server.follows && !server.read_only,
        missing_right,
        clock_skew: now.duration_since(before) - half,
        round_trip,
        encrypted: get(row, 1)?,
        durable: get(row, 2)?,
        max_connections: max_connections.unsigned_abs(),
        counts,
    })
}
