//! The schema and its migrations.

use std::time::Duration;

use tokio::time::timeout;

use super::fault::Fault;
use super::server::Server;
use super::session::{Session, ask};
use super::value::get;
use crate::Error;

/// First half of the key of every advisory lock: `"SkLs"`, as in a file of SQLite.
pub(super) const LOCKS: i32 = 0x536b_4c73;

/// Second half of the key of the lock for migrations. Jobs begin with 1.
const MIGRATING: i32 = 0;

/// The n-th migrates schema n-1 to schema n.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("migrations/1.sql")];

/// How long another daemon may take to migrate.
const PATIENCE: Duration = Duration::from_secs(600);

const MARK: &str = "CREATE TABLE sockerless_schema (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL
)";
const VERSION: &str = "SELECT version FROM sockerless_schema";
const SET_VERSION: &str = "\
    INSERT INTO sockerless_schema (version) VALUES ($1) \
    ON CONFLICT (one) DO UPDATE SET version = excluded.version RETURNING version";

/// Whether there is a state, and how many other tables. Tables of extensions do not count.
const TABLES: &str = "\
    SELECT COALESCE(bool_or(c.relname = 'sockerless_schema'), FALSE), COUNT(*) \
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT 1 FROM pg_depend d \
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')";

/// Checks that the database belongs to this program or is empty and that its server is suitable,
/// and applies `migrations`.
///
/// All in one transaction: a database that is refused, or whose migration fails, stays as it was.
pub(super) async fn migrate(
    session: &Session,
    store: &str,
    migrations: &[&str],
) -> Result<(), Fault> {
    let server = Server::look(session).await?;
    server.check(store)?;
    // Checked without the lock first: nearly always there is nothing to do.
    if version(session, &server, store, migrations.len()).await? == migrations.len() {
        return server.check_tables(session, store).await;
    }
    // The daemon that migrates may take longer than a statement may.
    session
        .run("BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        .await?;
    let lock = ask!("SELECT pg_advisory_xact_lock($1, $2)", LOCKS, MIGRATING);
    match timeout(PATIENCE, session.one(lock)).await {
        Ok(locked) => drop(locked?),
        Err(_) => return Err(Fault::unavailable("another daemon is still migrating")),
    }
    let found = version(session, &server, store, migrations.len()).await?;
    if found < migrations.len() {
        for migration in (found == 0)
            .then_some(&MARK)
            .into_iter()
            .chain(&migrations[found..])
        {
            let done = session.run(migration).await;
            done.map_err(|fault| server.explain_change(fault, store))?;
        }
        let known = count(migrations.len());
        session.one(ask!(SET_VERSION, known)).await?;
    }
    session.run("COMMIT").await?;
    if (1..migrations.len()).contains(&found) {
        let to = migrations.len();
        tracing::info!(store, from = found, to, "state schema migrated");
    }
    server.check_tables(session, store).await
}

/// The schema version of a database that can hold this state; 0 for an empty one. Changes nothing.
pub(super) async fn look(session: &Session, server: &Server, store: &str) -> Result<i64, Fault> {
    server.check(store)?;
    let found = version(session, server, store, MIGRATIONS.len()).await?;
    match found {
        0 => server.check_may_create(store)?,
        _ => server.check_tables(session, store).await?,
    }
    Ok(count(found))
}

/// The schema version; 0 for an empty database.
async fn version(
    session: &Session,
    server: &Server,
    store: &str,
    known: usize,
) -> Result<usize, Fault> {
    let rows = session.one(ask!(TABLES)).await?;
    let (marked, tables): (bool, i64) = match rows.first() {
        Some(row) => (get(row, 0)?, get(row, 1)?),
        None => (false, 0),
    };
    if !marked {
        if tables == 0 {
            return Ok(0);
        }
        let found = format!(
            "{tables} tables of something else in schema {}",
            server.schema
        );
        return Err(Error::Foreign {
            store: store.to_owned(),
            found,
        }
        .into());
    }
    let version = recorded(session).await;
    let version = version.map_err(|fault| server.explain_look(fault, store))?;
    match usize::try_from(version) {
        Ok(found @ 1..) if found <= known => Ok(found),
        _ => Err(Error::SchemaFromFuture {
            store: store.to_owned(),
            found: version,
            known: count(known),
        }
        .into()),
    }
}

/// The schema version that the database has recorded.
pub(super) async fn recorded(session: &Session) -> Result<i64, Fault> {
    let rows = session.one(ask!(VERSION)).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| Fault::damaged("table sockerless_schema is empty"))?;
    get(row, 0)
}

pub(super) fn count(migrations: usize) -> i64 {
    i64::try_from(migrations).unwrap_or(i64::MAX)
}
