//! Opens connections, and sets their limits.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::fault::Fault;
use super::{check, schema};

/// How long to wait for a lock that another process holds.
const BUSY: Duration = Duration::from_secs(5);

/// How long to wait before retrying a lock that SQLite does not wait for.
const AGAIN: Duration = Duration::from_millis(10);

/// Pages that a connection keeps in memory: kibibytes, negative as SQLite requires. An idle daemon
/// should stay small, and the kernel caches the file anyway.
const CACHE: i64 = -2048;

/// How much of the file a reader maps, in bytes: a list reads nearly all of it at random, and
/// mapped pages need no second cache beside the kernel's. It counts as the process's memory, once
/// for each reader.
const MAPPED: i64 = 16 << 20;

/// The size to which the write-ahead log is truncated after it was emptied, in bytes.
const LOG: i64 = 8 << 20;

/// More than there are statements, so that each is compiled once.
const STATEMENTS: usize = 96;

/// The one connection that writes to the file; it creates or migrates it.
pub(super) fn writer(path: &Path, store: &str) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    schema::migrate(&connection, store, schema::MIGRATIONS)?;
    if check::size(&connection)? <= check::AT_ONCE {
        check::quick(&connection)?;
    }
    let mode = write_ahead(&connection)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(Fault::unavailable(format!(
            "the file system cannot share memory, which write-ahead logging needs \
             (journal mode {mode})"
        )));
    }
    connection.pragma_update(None, "journal_size_limit", LOG)?;
    // A commit reaches the disk before its result is returned.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Switches the file to a write-ahead log, and returns its journal mode. SQLite waits for every
/// lock but the one that this takes: of two processes that open a new file at once, one would fail.
fn write_ahead(connection: &Connection) -> Result<String, Fault> {
    let end = Instant::now() + BUSY;
    loop {
        let mode = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < end =>
            {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "SQLite does not tell when the lock is free"
                )]
                std::thread::sleep(AGAIN);
            }
            mode => return Ok(mode?),
        }
    }
}

/// A connection to a file that the writer has opened.
pub(super) fn reader(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    Ok(connection)
}

/// A connection for a check of the whole file. It maps nothing, so that pages that it has read do
/// not count as the process's memory.
pub(super) fn checker(path: &Path) -> Result<Connection, Fault> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// A database in memory, with everything in one connection.
pub(super) fn memory(store: &str) -> Result<Connection, Fault> {
    let connection = Connection::open_in_memory()?;
    compile_once(&connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    schema::migrate(&connection, store, schema::MIGRATIONS)?;
    Ok(connection)
}

/// Opens a connection without locks of SQLite: no two threads share it.
fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    compile_once(&connection)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Keeps compiled statements for other parameters: SQLite would compile most of them again, which
/// takes longer than the look-up.
fn compile_once(connection: &Connection) -> Result<(), Fault> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
