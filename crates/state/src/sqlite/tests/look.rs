//! Tests of checks, when a file is opened and by a look that changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sockerless_reference::Digest;

use crate::conformance::sample::{Sample, add};
use crate::{Error, SqliteFile, SqliteStore};

/// Bytes of a page of SQLite.
const PAGE: usize = 4096;

async fn filled(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).await.unwrap();
    for name in ["one", "two", "three"] {
        add(&store, Sample::new(name).named(&[&format!("{name}:1")])).await;
    }
    store
}

fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

#[tokio::test]
async fn whichever_page_is_damaged_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(filled(&path).await);
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 20 * PAGE);
    for page in 0..whole.len() / PAGE {
        let mut damaged = whole.clone();
        damaged[page * PAGE..][..PAGE].fill(0xa5);
        fs::write(&path, &damaged).unwrap();
        let error = SqliteStore::open(&path).await.expect_err("damaged");
        let is_told = matches!(error, Error::Damaged { .. } | Error::Foreign { .. });
        assert!(is_told, "page {page}: {error:?}");
    }
    for length in [100, PAGE, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        SqliteStore::open(&path).await.expect_err("cut");
    }
    fs::write(&path, &whole).unwrap();
    SqliteStore::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_state_has_an_id_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let id = store.id().await.unwrap();
    assert_eq!(id.len(), 32);
    drop(store);
    let moved = folder.path().join("moved.db");
    fs::rename(&path, &moved).unwrap();
    assert_eq!(
        SqliteStore::open(&moved).await.unwrap().id().await.unwrap(),
        id
    );
    let other = SqliteStore::in_memory().await.unwrap();
    assert_ne!(other.id().await.unwrap(), id);
}

/// Also for a state that a crash left with everything in its log.
#[tokio::test]
async fn a_look_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = filled(&path).await;
    let served = SqliteFile::open(&path, true).unwrap();
    let facts = served.facts().unwrap();
    assert_eq!((facts.counts.images, facts.counts.names), (3, 3));
    assert_eq!(facts.id, Some(store.id().await.unwrap()));
    drop(served);

    let crashed = tempfile::tempdir().unwrap();
    for name in ["state.db", "state.db-wal"] {
        fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    assert_ne!(
        fs::metadata(crashed.path().join("state.db-wal"))
            .unwrap()
            .len(),
        0
    );
    drop(store);
    for folder in [folder.path(), crashed.path()] {
        let before = bytes(folder);
        let file = SqliteFile::open(&folder.join("state.db"), false).unwrap();
        file.check().unwrap();
        assert_eq!(file.facts().unwrap(), facts);
        let audit = file.audit().unwrap();
        assert_eq!((audit.images, audit.faults.len()), (3, 0), "{audit:?}");
        assert_ne!(audit.documents, 0);
        drop(file);
        assert_eq!(bytes(folder), before);
    }
}

#[tokio::test]
async fn an_audit_tells_every_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(filled(&path).await);
    let connection = Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    let damage = "UPDATE documents SET bytes = x'00' WHERE bytes = CAST('config of one' AS BLOB); \
        DELETE FROM documents WHERE bytes = CAST('config of two' AS BLOB); \
        UPDATE images SET contents = '{}' WHERE target = \
            (SELECT target FROM names WHERE repository LIKE '%three')";
    connection.execute_batch(damage).unwrap();
    drop(connection);
    let file = SqliteFile::open(&path, false).unwrap();
    let audit = file.audit().unwrap();
    let told = audit.faults.join("\n");
    let config = |name: &str| Digest::of(format!("config of {name}"));
    for words in [
        format!("document {} has digest {}", config("one"), Digest::of([0])),
        format!("document {} is gone", config("two")),
        "refers to one of documents that is gone".to_owned(),
        "contents of image".to_owned(),
    ] {
        assert!(told.contains(&words), "{words}: {told}");
    }
}

#[test]
fn what_is_no_state_is_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    SqliteFile::open(&path, false).expect_err("nothing there");
    assert!(!path.exists());
    for text in ["", "no database"] {
        fs::write(&path, text).unwrap();
        let error = SqliteFile::open(&path, false).expect_err("no state");
        assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
    }
}
