//! Reads a file without changing anything in it or beside it.

use std::collections::BTreeMap;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::Key;
use super::{check, find, identity, images, names, schema};
use crate::{Counts, Error};

/// Faults of each kind that are reported.
const FAULTS: usize = 100;

/// Characters with a meaning in a URI of SQLite.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

const LOOKING: &str = "looking at it";

/// The file of an [`SqliteStore`](crate::SqliteStore), opened only for reading.
///
/// All calls block.
#[derive(Debug)]
pub struct SqliteFile {
    connection: Connection,
    store: String,
}

/// Facts about the file of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteFacts {
    /// The numbers of objects in it.
    pub counts: Counts,
    /// The ID of the state, where the file is new enough to have one.
    pub id: Option<String>,
    /// The version of the tables.
    pub schema_version: usize,
    /// The newest version of the tables that this program knows.
    pub known_schema_version: usize,
}

/// The result of a full check of a state's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteAudit {
    /// Configs, manifests and indexes that were compared with their digests.
    pub documents: u64,
    /// Their bytes.
    pub document_bytes: u64,
    /// Images that were read.
    pub images: u64,
    /// The faults, one sentence each.
    pub faults: Vec<String>,
    /// The layers and other blobs that images refer to, and whether a registry is known that has
    /// them.
    pub blobs: BTreeMap<Digest, bool>,
}

impl SqliteFile {
    /// Opens the file at `path`; `is_served` says whether a daemon uses it. It is not migrated.
    ///
    /// # Errors
    /// As [`SqliteStore::open`](crate::SqliteStore::open), and [`Error::Foreign`] for an empty
    /// file.
    pub fn open(path: &Path, is_served: bool) -> Result<Self, Error> {
        let store = path.display().to_string();
        let opened =
            open(path, is_served).and_then(|connection| match schema::look(&connection, &store)? {
                0 => Err(Fault::from(Error::Foreign {
                    store: store.clone(),
                    found: "an empty file".to_owned(),
                })),
                _ => Ok(connection),
            });
        match opened {
            Ok(connection) => Ok(Self { connection, store }),
            Err(fault) => Err(fault.into_error(&store, LOOKING)),
        }
    }

    /// The numbers of objects in it.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Unavailable`] when it cannot be read.
    pub fn facts(&self) -> Result<SqliteFacts, Error> {
        self.tell(|connection| {
            let schema_version = schema::look(connection, &self.store)?;
            Ok(SqliteFacts {
                counts: Counts {
                    images: images::count(connection)?,
                    names: names::count(connection)?,
                    containers: super::containers::count(connection)?,
                },
                id: match schema_version {
                    ..identity::SINCE => None,
                    _ => Some(identity::get(connection)?),
                },
                schema_version,
                known_schema_version: schema::MIGRATIONS.len(),
            })
        })
    }

    /// Checks every page of a file of up to 8 MiB, as [`SqliteStore::open`] does.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a damaged file.
    ///
    /// [`SqliteStore::open`]: crate::SqliteStore::open
    pub fn check(&self) -> Result<(), Error> {
        self.tell(|connection| match check::size(connection)? {
            ..=check::AT_ONCE => check::quick(connection),
            _ => Ok(()),
        })
    }

    /// Checks everything: the pages of the file and its indexes, the references of its rows, each
    /// document by its digest, each image.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the file cannot be read. Faults in it are not an error.
    pub fn audit(&self) -> Result<SqliteAudit, Error> {
        let mut audit = SqliteAudit::default();
        for step in [pages, references, documents, all_images, blobs] {
            match self.tell(|connection| step(connection, &mut audit)) {
                Err(Error::Damaged { source, .. }) => audit.tell(format!("the file: {source}")),
                done => done?,
            }
        }
        Ok(audit)
    }

    /// Which images use this blob: names of up to `limit` images, or the IDs of those without a
    /// name.
    ///
    /// # Errors
    /// As [`facts`](Self::facts).
    pub fn users_of(&self, blob: Digest, limit: usize) -> Result<Vec<String>, Error> {
        const USERS: &str = "SELECT i.target, i.id FROM image_blobs b \
            JOIN images i ON i.target = b.target WHERE b.digest = ?1 ORDER BY i.target LIMIT ?2";
        self.tell(|connection| {
            let mut statement = connection.prepare(USERS)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query((Key(blob), limit))?;
            let mut users = Vec::new();
            while let Some(row) = rows.next()? {
                let (Key(target), Key(id)) = (row.get(0)?, row.get(1)?);
                let mut found = Vec::new();
                names::read_into(&mut found, connection, target)?;
                users.push(match found.first() {
                    Some(name) => name.familiar().to_owned(),
                    None => id.to_string(),
                });
            }
            Ok(users)
        })
    }

    fn tell<T>(&self, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Error> {
        look(&self.connection).map_err(|fault| fault.into_error(&self.store, LOOKING))
    }
}

impl SqliteAudit {
    fn tell(&mut self, fault: String) {
        if self.faults.len() < FAULTS {
            self.faults.push(fault);
        }
    }
}

fn open(path: &Path, is_served: bool) -> Result<Connection, Fault> {
    if is_served {
        return Ok(Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?);
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return open_with_log(path);
    }
    // SQLite would create a log and its index even for a reader, and leave them.
    let path = std::path::absolute(path).map_err(Fault::unavailable)?;
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), ESCAPED);
    Ok(Connection::open_with_flags(
        format!("file:{path}?mode=ro&immutable=1"),
        OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI,
    )?)
}

/// Opens a file whose log was left by a crash. The index of the log is made in memory, and the log
/// is not emptied into the file at the end.
fn open_with_log(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    Ok(connection)
}

fn pages(connection: &Connection, audit: &mut SqliteAudit) -> Result<(), Fault> {
    for fault in check::faults(connection, "integrity_check", FAULTS)? {
        audit.tell(format!("the file: {fault}"));
    }
    Ok(())
}

fn references(connection: &Connection, audit: &mut SqliteAudit) -> Result<(), Fault> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        audit.tell(format!(
            "a row of {table} refers to one of {parent} that is gone"
        ));
    }
    Ok(())
}

fn documents(connection: &Connection, audit: &mut SqliteAudit) -> Result<(), Fault> {
    let mut statement = connection.prepare("SELECT digest, bytes FROM documents")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let Key(expected) = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(Fault::damaged)?;
        audit.documents += 1;
        audit.document_bytes += bytes.len() as u64;
        let found = Digest::of(bytes);
        if found != expected {
            audit.tell(format!("document {expected} has digest {found}"));
        }
    }
    Ok(())
}

fn all_images(connection: &Connection, audit: &mut SqliteAudit) -> Result<(), Fault> {
    let mut statement = connection.prepare("SELECT target, id FROM images")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (Key(target), Key(id)) = (row.get(0)?, row.get(1)?);
        audit.images += 1;
        match find::whole(connection, target) {
            Ok(()) => {}
            Err(Fault::Damaged(fault)) => audit.tell(format!("image {id}: {fault}")),
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

fn blobs(connection: &Connection, audit: &mut SqliteAudit) -> Result<(), Fault> {
    const NEEDED: &str = "SELECT digest, EXISTS (SELECT 1 FROM locations l \
        WHERE l.digest = b.digest) FROM image_blobs b GROUP BY digest";
    let mut statement = connection.prepare(NEEDED)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let Key(digest) = row.get(0)?;
        audit.blobs.insert(digest, row.get(1)?);
    }
    Ok(())
}
