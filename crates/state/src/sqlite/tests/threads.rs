//! Tests of requests whose thread, transaction or caller fails.

use std::collections::VecDeque;
use std::sync::mpsc;

use futures_util::FutureExt;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::conformance::sample::{Sample, add, at, find, name, named, tag};
use crate::sqlite::connection;
use crate::sqlite::fault::Fault;
use crate::sqlite::task::{Request, Task};
use crate::sqlite::writer::commit_together;
use crate::{Error, ImageStore, SqliteStore};

type Answer = oneshot::Receiver<Result<(), Fault>>;

fn request(
    work: impl FnOnce(&Connection) -> Result<(), Fault> + Send + 'static,
) -> (Box<dyn Task>, Answer) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Request::new(work, reply)), answer)
}

fn unstorable(what: &str) -> Fault {
    let what = what.to_owned();
    Error::Unstorable { what }.into()
}

fn insert(n: u8) -> (Box<dyn Task>, Answer) {
    request(move |connection| {
        let digest = vec![n; 32];
        connection.execute("INSERT INTO documents VALUES (?1, x'')", [digest])?;
        Ok(())
    })
}

fn documents(connection: &Connection) -> Vec<u8> {
    let mut statement = connection
        .prepare("SELECT digest FROM documents ORDER BY 1")
        .unwrap();
    let rows = statement
        .query_map((), |row| row.get(0).map(|digest: [u8; 32]| digest[0]))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn said(answer: Answer) -> Result<(), Error> {
    let answer = answer
        .now_or_never()
        .expect("is answered")
        .expect("the task was not lost");
    answer.map_err(|fault| fault.into_error("test", "testing"))
}

#[test]
fn a_request_that_fails_is_undone_alone() {
    let connection = connection::memory("test").unwrap();
    let (first, one) = insert(1);
    let (half, two) = request(|connection| {
        connection.execute("INSERT INTO documents VALUES (?1, x'')", [vec![2_u8; 32]])?;
        Err(unstorable("the other half"))
    });
    let (last, three) = insert(3);
    let mut waiting = VecDeque::from([first, half, last]);

    assert!(commit_together(&connection, &mut waiting, "test"));

    assert!(said(one).is_ok());
    assert!(matches!(said(two), Err(Error::Unstorable { .. })));
    assert!(said(three).is_ok());
    assert_eq!(documents(&connection), [1, 3]);
}

#[test]
fn a_large_request_has_a_transaction_of_its_own() {
    let connection = connection::memory("test").unwrap();
    let large = |n: u8, fails: bool| {
        let (reply, answer) = oneshot::channel();
        let work = move |connection: &Connection| {
            connection.execute("INSERT INTO documents VALUES (?1, x'')", [vec![n; 32]])?;
            if fails { Err(unstorable("it")) } else { Ok(()) }
        };
        let task: Box<dyn Task> = Box::new(Request::new(work, reply).large(true));
        (task, answer)
    };
    let ((first, one), (fails, two)) = (insert(1), large(2, true));
    let ((good, three), (last, four)) = (large(3, false), insert(4));
    let mut waiting = VecDeque::from([first, fails, good, last]);

    for kept in [&[1][..], &[1], &[1, 3], &[1, 3, 4]] {
        let more = !commit_together(&connection, &mut waiting, "test");
        assert_eq!(
            (documents(&connection).as_slice(), more),
            (kept, kept != [1, 3, 4])
        );
        assert!(connection.is_autocommit());
    }
    assert!(matches!(said(two), Err(Error::Unstorable { .. })));
    for answer in [one, three, four] {
        assert!(said(answer).is_ok());
    }
}

#[test]
fn when_the_commit_fails_all_are_told_and_nothing_stays() {
    let connection = connection::memory("test").unwrap();
    let (first, one) = insert(1);
    // Only checked by the commit, which fails.
    let (bad, two) = request(|connection| {
        connection.execute_batch(
            "PRAGMA defer_foreign_keys = ON;
             INSERT INTO names VALUES ('a', 'b', zeroblob(32));",
        )?;
        Ok(())
    });
    let mut waiting = VecDeque::from([first, bad]);

    assert!(commit_together(&connection, &mut waiting, "test"));

    for answer in [one, two] {
        let error = said(answer).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Refused {
                    doing: "committing",
                    ..
                }
            ),
            "{error:?}"
        );
    }
    assert!(connection.is_autocommit());
    assert!(documents(&connection).is_empty());
    let (again, answer) = insert(1);
    assert!(commit_together(
        &connection,
        &mut VecDeque::from([again]),
        "test"
    ));
    assert!(said(answer).is_ok());
    assert_eq!(documents(&connection), [1]);
}

#[test]
fn when_the_transaction_is_given_up_those_behind_get_another() {
    let connection = connection::memory("test").unwrap();
    let (first, one) = insert(1);
    // As SQLite does by itself when the disk is full.
    let (full, two) = request(|connection| {
        connection.execute_batch("ROLLBACK")?;
        Err(Fault::unavailable("disk full"))
    });
    let (last, three) = insert(3);
    let mut waiting = VecDeque::from([first, full, last]);

    assert!(!commit_together(&connection, &mut waiting, "test"));
    assert!(commit_together(&connection, &mut waiting, "test"));

    assert!(matches!(said(one), Err(Error::Unavailable { .. })));
    assert!(matches!(said(two), Err(Error::Unavailable { .. })));
    assert!(said(three).is_ok());
    assert_eq!(documents(&connection), [3]);
}

#[test]
fn a_lock_of_another_process_makes_the_store_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let connection = connection::writer(&path, "test").unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ((first, one), (second, two)) = (insert(1), insert(2));

    assert!(commit_together(
        &connection,
        &mut VecDeque::from([first, second]),
        "test"
    ));

    for answer in [one, two] {
        let error = said(answer).unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    }
    drop(other);
    let (again, answer) = insert(1);
    assert!(commit_together(
        &connection,
        &mut VecDeque::from([again]),
        "test"
    ));
    assert!(said(answer).is_ok());
}

#[tokio::test]
async fn a_request_whose_caller_has_left_is_not_begun() {
    let store = SqliteStore::in_memory().await.unwrap();
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:1"])).await;
    let (release, released) = mpsc::sync_channel::<()>(1);
    let mut busy = Box::pin(store.writer.ask("waiting", move |_| {
        released.recv().map_err(Fault::unavailable)
    }));
    assert!(busy.as_mut().now_or_never().is_none());

    let (source, gone) = (named("app:1"), name("gone:1"));
    let mut left = store.tag(&source, &gone, at(1));
    assert!(left.as_mut().now_or_never().is_none());
    drop(left);
    release.send(()).unwrap();
    busy.await.unwrap();

    assert_eq!(
        tag(&store, &named("app:1"), "stayed:1", 1).await,
        Some(sample.id())
    );
    assert_eq!(find(&store, &named("gone:1")).await, None);
}

#[tokio::test]
async fn a_thread_that_panics_leaves_an_error_and_no_caller_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let sample = Sample::new("one");
    for memory in [true, false] {
        let store = if memory {
            SqliteStore::in_memory().await.unwrap()
        } else {
            SqliteStore::open(&path).await.unwrap()
        };
        add(&store, sample.named(&["app:1"])).await;

        let error = store
            .writer
            .ask("panicking", |connection| -> Result<(), Fault> {
                connection.execute("DELETE FROM names", ())?;
                panic!("on purpose")
            })
            .await
            .unwrap_err();

        assert!(matches!(error, Error::Closed { .. }), "{error:?}");
        let error = store
            .tag(&named("app:1"), &name("app:2"), at(1))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Closed { .. }), "{error:?}");
        let found = store.find(&named("app:1")).await;
        if memory {
            assert!(matches!(found, Err(Error::Closed { .. })), "{found:?}");
        } else {
            // The transaction was rolled back, and reading continues.
            assert_eq!(found.unwrap().unwrap().image, sample.image);
        }
    }
}
