//! Tests of a power failure, with copies of the file and the log at one moment.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use sockerless_reference::Query;
use tokio::sync::watch;

use crate::conformance::sample::{Sample, add, found, name, tag, together};
use crate::{ImageStore, SqliteStore};

const WRITERS: usize = 4;
const CRASHES: usize = 4;
const BETWEEN: usize = 24;

fn pair(n: usize) -> (Sample, Sample) {
    (
        Sample::new(&format!("one {n}")),
        Sample::new(&format!("two {n}")),
    )
}

/// Copies both files. A read transaction prevents SQLite from restarting the log, so that the
/// copies of the log and the file belong together, as in a crash.
fn copy(from: &Path, to: &Path) {
    let reader = Connection::open(from).unwrap();
    reader
        .execute_batch("BEGIN; SELECT COUNT(*) FROM images")
        .unwrap();
    std::fs::copy(from, to).unwrap();
    std::fs::copy(from.with_extension("db-wal"), to.with_extension("db-wal")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loses_nothing_that_was_answered_and_leaves_no_halves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let answered = Arc::new(Mutex::new(Vec::new()));
    let (progress, mut watched) = watch::channel(0);
    let stop = Arc::new(AtomicBool::new(false));

    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, answered, progress, stop) = (
                Arc::clone(&store),
                Arc::clone(&answered),
                progress.clone(),
                Arc::clone(&stop),
            );
            tokio::spawn(async move {
                for n in (writer..).step_by(WRITERS) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let (one, two) = pair(n);
                    let (a, b) = (format!("a:{n}"), format!("b:{n}"));
                    add(&*store, together([one.named(&[&a]), two.named(&[&b])])).await;
                    tag(&*store, &Query::Id(two.id()), &format!("c:{n}"), 1).await;
                    answered.lock().unwrap().push(n);
                    progress.send_modify(|count| *count += 1);
                }
            })
        })
        .collect();

    for crash in 0..CRASHES {
        let enough = watched.wait_for(|count| *count >= (crash + 1) * BETWEEN);
        tokio::time::timeout(Duration::from_secs(60), enough)
            .await
            .unwrap()
            .unwrap();
        let durable = answered.lock().unwrap().clone();
        let copied = folder.path().join(format!("crash{crash}.db"));
        let (from, to) = (path.clone(), copied.clone());
        tokio::task::spawn_blocking(move || copy(&from, &to))
            .await
            .unwrap();

        let after = SqliteStore::open(&copied).await.unwrap();
        for n in durable {
            let (one, two) = pair(n);
            assert_eq!(
                found(&after, &Query::Id(one.id())).await.image,
                one.image,
                "{n}"
            );
            let two = found(&after, &Query::Id(two.id())).await;
            assert_eq!(
                two.names,
                ["b", "c"].map(|word| name(&format!("{word}:{n}")))
            );
        }
        // Two images in each addition, and two names or three.
        let counts = after.counts().await.unwrap();
        assert_eq!(counts.images % 2, 0);
        assert!(
            (counts.images..=counts.images / 2 * 3).contains(&counts.names),
            "{counts:?}"
        );
        drop(after);
        check(&copied);
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
}

fn check(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let mut violations = connection.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(!violations.exists(()).unwrap());
}
