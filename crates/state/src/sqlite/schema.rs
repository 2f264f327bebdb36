//! The schema and its migrations.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::fault::Fault;
use crate::Error;

/// `"SkLs"`: marks an SQLite database as one of this program.
const APPLICATION_ID: i64 = 0x536b_4c73;

/// The n-th migrates schema n-1 to schema n.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
];

/// Checks that the database belongs to this program or is empty, and applies `migrations`.
///
/// All in one transaction: a database that is refused, or whose migration fails, stays as it was.
pub(super) fn migrate(
    connection: &Connection,
    store: &str,
    migrations: &[&str],
) -> Result<(), Fault> {
    // Checked without a write lock first, so that nothing is created beside a foreign file; in a
    // transaction, so that half of another process's migration is never seen.
    let look = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    if version(&look, store, migrations.len())? == migrations.len() {
        return Ok(());
    }
    look.finish()?;
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let found = version(&transaction, store, migrations.len())?;
    for migration in migrations.iter().skip(found) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", to_i64(migrations.len()))?;
    transaction.commit()?;
    if (1..migrations.len()).contains(&found) {
        tracing::info!(
            store,
            from = found,
            to = migrations.len(),
            "state schema migrated"
        );
    }
    Ok(())
}

/// The schema version of a database of this program; 0 for an empty one. Changes nothing.
pub(super) fn look(connection: &Connection, store: &str) -> Result<usize, Fault> {
    version(connection, store, MIGRATIONS.len())
}

/// The schema version; 0 for an empty database.
fn version(connection: &Connection, store: &str, known: usize) -> Result<usize, Fault> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = pragma("application_id")?;
    let version = pragma("user_version")?;
    let tables: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", (), |row| row.get(0))?;
    if (application, version, tables) == (0, 0, 0) {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        let found = format!("an SQLite database with application ID {application:#x}");
        return Err(Error::Foreign {
            store: store.to_owned(),
            found,
        }
        .into());
    }
    match usize::try_from(version) {
        Ok(found) if found <= known => Ok(found),
        _ => Err(Error::SchemaFromFuture {
            store: store.to_owned(),
            found: version,
            known: to_i64(known),
        }
        .into()),
    }
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THINGS: &str = "CREATE TABLE things (a INTEGER NOT NULL) STRICT";
    const MORE: &str = "ALTER TABLE things ADD COLUMN b INTEGER NOT NULL DEFAULT 7";

    fn columns(connection: &Connection) -> usize {
        connection
            .prepare("SELECT * FROM things")
            .unwrap()
            .column_count()
    }

    #[test]
    fn an_older_schema_is_migrated_and_keeps_its_rows() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, "test", &[THINGS]).unwrap();
        connection
            .execute("INSERT INTO things VALUES (1)", ())
            .unwrap();

        migrate(&connection, "test", &[THINGS, MORE]).unwrap();

        let row = connection
            .query_row("SELECT a, b FROM things", (), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(row, (1, 7));
        assert_eq!(version(&connection, "test", 2).unwrap(), 2);
        migrate(&connection, "test", &[THINGS, MORE]).unwrap();
    }

    #[test]
    fn a_failed_migration_changes_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, "test", &[THINGS]).unwrap();

        let error = migrate(&connection, "test", &[THINGS, MORE, "CREATE NONSENSE"]).unwrap_err();

        assert!(matches!(error, Fault::Sqlite(_)), "{error:?}");
        assert_eq!(version(&connection, "test", 3).unwrap(), 1);
        assert_eq!(columns(&connection), 1);
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, "test", &[THINGS, MORE]).unwrap();

        let error = migrate(&connection, "test", &[THINGS]).unwrap_err();

        let Fault::Answer(Error::SchemaFromFuture {
            found: 2, known: 1, ..
        }) = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(version(&connection, "test", 2).unwrap(), 2);
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        for made in [
            "CREATE TABLE things (a)",
            "PRAGMA user_version = 1",
            "PRAGMA application_id = 77",
            "PRAGMA application_id = 77; PRAGMA user_version = 1; CREATE TABLE images (a)",
        ] {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(made).unwrap();
            let error = migrate(&connection, "test", MIGRATIONS).unwrap_err();
            assert!(
                matches!(error, Fault::Answer(Error::Foreign { .. })),
                "{made}: {error:?}"
            );
        }
    }
}
