//! Tests of what only a file can be: reopened, outdated, or foreign.

use std::path::Path;
use std::sync::Barrier;
use std::thread;

use rusqlite::Connection;
use sockerless_reference::Query;

use crate::conformance::blob_sources::what_is_used_is_new_again;
use crate::conformance::sample::{Sample, add, at, everything, found, name, named, names, tag};
use crate::sqlite::connection;
use crate::{BlobSources, Error, ImageStore, SqliteStore};

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (index, other) = (Sample::index("one", "two"), Sample::new("other"));
    let addition = index.named(&["app:1"]);

    let store = SqliteStore::open(&path).await.unwrap();
    add(&store, addition.clone()).await;
    add(&store, other.named(&["other:1"])).await;
    tag(&store, &named("app:1"), "tagged:1", 42).await;
    let before = everything(&store).await;
    let counts = store.counts().await.unwrap();
    drop(store);
    // The log was emptied into the file.
    assert_eq!(files(folder.path()), ["state.db"]);

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(everything(&store).await, before);
    assert_eq!(store.counts().await.unwrap(), counts);
    let found = found(&store, &named("tagged:1")).await;
    assert_eq!(found.image, index.image);
    assert_eq!(found.names, names(&["app:1", "tagged:1"]));
    assert_eq!(found.last_tagged_at, Some(at(42)));
    assert_eq!(found.content_size, Some(200));
    for (digest, bytes) in addition.documents {
        assert_eq!(store.document(digest).await.unwrap(), Some(bytes));
    }
    let diff_ids: Vec<_> = addition.blobs.iter().map(|blob| blob.diff_id).collect();
    assert_eq!(
        store.blobs_with_diff_ids(&diff_ids).await.unwrap(),
        addition.blobs
    );
}

#[tokio::test]
async fn what_is_used_is_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let make_old = async || {
        let old = "UPDATE encodings SET used_at = used_at - 172800000000000; \
                   UPDATE locations SET used_at = used_at - 172800000000000";
        Connection::open(&path).unwrap().execute_batch(old).unwrap();
    };
    what_is_used_is_new_again(&store, make_old).await;
}

#[tokio::test]
async fn an_answered_request_is_seen_by_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (first, second) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let (first, second) = (first.unwrap(), second.unwrap());
    let sample = Sample::new("one");

    add(&first, sample.named(&["app:1"])).await;
    assert_eq!(found(&second, &named("app:1")).await.image, sample.image);
    tag(&second, &Query::Id(sample.id()), "app:2", 1).await;
    drop(second);
    assert_eq!(found(&first, &named("app:2")).await.image, sample.image);
}

/// The second process finds the file at any step of the first one.
#[test]
fn several_may_open_a_new_file_at_once() {
    const PROCESSES: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    for n in 0..32 {
        let path = folder.path().join(n.to_string());
        let start = Barrier::new(PROCESSES);
        thread::scope(|scope| {
            for _ in 0..PROCESSES {
                scope.spawn(|| {
                    start.wait();
                    connection::writer(&path, "test").unwrap()
                });
            }
        });
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(SqliteStore::open(&path).await.unwrap());
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 1000)
        .unwrap();
    let before = std::fs::read(&path).unwrap();

    let error = SqliteStore::open(&path).await.unwrap_err();

    let Error::SchemaFromFuture {
        store,
        found: 1000,
        known: 2,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(store, path.display().to_string());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_foreign_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "This is a letter, and a long one.\n".repeat(100)).unwrap();
    let database = folder.path().join("database");
    Connection::open(&database)
        .unwrap()
        .execute_batch("CREATE TABLE letters (a)")
        .unwrap();

    for path in [text, database] {
        let before = std::fs::read(&path).unwrap();
        let error = SqliteStore::open(&path).await.unwrap_err();
        assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
        assert!(
            error.to_string().starts_with(&path.display().to_string()),
            "{error}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
    assert_eq!(files(folder.path()), ["database", "text"]);
}

#[tokio::test]
async fn a_place_without_a_file_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().to_owned(),
        folder.path().join("none/state.db"),
        "".into(),
    ] {
        let error = SqliteStore::open(&path).await.unwrap_err();
        assert!(
            matches!(error, Error::Unavailable { .. }),
            "{path:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(":memory:");
    std::fs::write(&path, "").unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    add(&store, Sample::new("one").named(&["app:1"])).await;
    drop(store);
    assert_ne!(std::fs::metadata(&path).unwrap().len(), 0);
}

#[tokio::test]
async fn damage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (one, two) = (Sample::new("one"), Sample::new("two"));
    let store = SqliteStore::open(&path).await.unwrap();
    add(&store, one.named(&["one:1"])).await;
    add(&store, two.named(&["two:1"])).await;
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "foreign_keys", false).unwrap();
    other
        .execute(
            "DELETE FROM documents WHERE bytes = CAST('config of one' AS BLOB)",
            (),
        )
        .unwrap();

    let error = store.find(&named("one:1")).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert_eq!(found(&store, &named("two:1")).await.image, two.image);

    other
        .execute("UPDATE images SET contents = '{}'", ())
        .unwrap();
    let error = store
        .tag(&named("two:1"), &name("new:1"), at(1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
}
