//! Events of several daemons that share a real database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sockerless_state::{Feed, PostgresStore, Telling};
use sockerless_testkit::postgres::Postgres;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::{Action, Event, Events, ObjectType, Occurrence, Subscription};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

const DATABASE: &str = "sockerless";

/// Terminates the connections of all daemons.
const CUT: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";

type Server = Arc<Mutex<Postgres>>;

async fn server() -> Server {
    let started = tokio::task::spawn_blocking(|| {
        let postgres = Postgres::start();
        postgres.create_database(DATABASE);
        Arc::new(Mutex::new(postgres))
    });
    started.await.expect("no panic")
}

/// Runs blocking work with the server.
async fn with(server: &Server, work: impl FnOnce(&mut Postgres) + Send + 'static) {
    let mut server = Arc::clone(server).lock_owned().await;
    let done = tokio::task::spawn_blocking(move || work(&mut server));
    done.await.expect("no panic");
}

async fn feed(server: &Server) -> Feed {
    let url = server.lock().await.url(DATABASE);
    let state = PostgresStore::open(&url).await.expect("a database");
    state.feed()
}

/// A daemon that has just started.
async fn daemon(server: &Server) -> Events {
    Events::shared(feed(server).await)
}

fn publish(events: &Events, id: String) -> Telling {
    events.publish(Occurrence {
        object: ObjectType::Image,
        action: Action::Tag,
        id,
        attributes: BTreeMap::new(),
    })
}

async fn next(reader: &mut Subscription) -> Option<Arc<Event>> {
    timeout(PATIENCE, reader.next()).await.expect("an event")
}

/// Everything from `since` until now.
async fn all(board: &Events, since: Timestamp) -> Vec<Arc<Event>> {
    let mut reader = board.subscribe(Some(since), Some(Timestamp::now())).await;
    let mut events = Vec::new();
    while let Some(event) = next(&mut reader).await {
        events.push(event);
    }
    events
}

fn ids(events: &[Arc<Event>]) -> Vec<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_all_daemons_see_the_same() {
    const EACH: usize = 200;
    let server = server().await;
    let mut boards = Vec::new();
    for _ in 0..3 {
        boards.push(daemon(&server).await);
    }
    let mut reading: Vec<JoinHandle<Vec<Arc<Event>>>> = Vec::new();
    for board in &boards {
        let mut reader = board.subscribe(None, None).await;
        reading.push(tokio::spawn(async move {
            let mut events = Vec::new();
            while events.len() < 3 * EACH {
                events.push(next(&mut reader).await.expect("not cut off"));
            }
            events
        }));
    }
    let mut seen = boards[0].subscribe(None, None).await;
    let telling = (0..3).zip(&boards).map(|(name, board)| {
        let board = board.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                publish(&board, format!("{name} {number}")).done().await;
            }
        })
    });
    let telling: Vec<_> = telling.collect();
    for number in 0..EACH {
        next(&mut seen).await.expect("not cut off");
        match number {
            50 => with(&server, |server| drop(server.psql(DATABASE, CUT))).await,
            100 => {
                let crash = |server: &mut Postgres| {
                    server.crash();
                    server.restart();
                };
                with(&server, crash).await;
            }
            150 => with(&server, Postgres::restart).await,
            _ => {}
        }
    }
    for task in telling {
        timeout(PATIENCE, task)
            .await
            .expect("it ends")
            .expect("no panic");
    }
    let mut read = Vec::new();
    for task in reading {
        read.push(task.await.expect("no panic"));
    }
    let events = &read[0];
    assert!(read.iter().all(|others| others == events));
    let told = events
        .iter()
        .map(|event| event.id.clone())
        .collect::<BTreeSet<_>>();
    let expected = (0..3).flat_map(|name| (0..EACH).map(move |number| format!("{name} {number}")));
    assert_eq!(told, expected.collect());
    for name in ["0 ", "1 ", "2 "] {
        let own = events
            .iter()
            .filter_map(|event| event.id.strip_prefix(name));
        let own: Vec<usize> = own
            .map(|number| number.parse().expect("a number"))
            .collect();
        assert!(own.is_sorted(), "{own:?}");
    }
    assert!(events.is_sorted_by(|one, next| one.at < next.at));

    // A daemon that starts now has the past events too, and no daemon has more.
    boards.push(daemon(&server).await);
    let middle = events[EACH].at;
    for board in &boards {
        assert_eq!(all(board, Timestamp::UNIX_EPOCH).await, *events);
        assert_eq!(all(board, middle).await, events[EACH..]);
        let mut reader = board
            .subscribe(Some(middle), Some(events[EACH + 1].at))
            .await;
        assert_eq!(next(&mut reader).await.as_ref(), Some(&events[EACH]));
        assert_eq!(next(&mut reader).await.as_ref(), Some(&events[EACH + 1]));
        assert_eq!(next(&mut reader).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_read_at_once() {
    let server = server().await;
    let (one, other) = (daemon(&server).await, daemon(&server).await);
    for number in 1..=50 {
        publish(&one, number.to_string()).done().await;
        let events = all(&other, Timestamp::UNIX_EPOCH).await;
        assert_eq!(events.len(), 2 * number - 1);
        let mut live = other.subscribe(None, None).await;
        publish(&one, "next".to_owned()).done().await;
        assert_eq!(
            next(&mut live).await.expect("one").id,
            "next",
            "and not what was before"
        );
    }
    // Until the reader's `until`.
    let until = Timestamp::now() + Duration::from_millis(500);
    let mut reader = other.subscribe(None, Some(until)).await;
    let mut in_time = Vec::new();
    loop {
        let id = in_time.len().to_string();
        publish(&one, id.clone()).done().await;
        if Timestamp::now() >= until {
            break;
        }
        in_time.push(id);
    }
    let mut read = Vec::new();
    while let Some(event) = next(&mut reader).await {
        read.push(event);
    }
    assert!(in_time.len() > 1, "{in_time:?}");
    assert_eq!(ids(&read)[..in_time.len()], in_time);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_newer_version_knows_is_left_out() {
    let server = server().await;
    let board = daemon(&server).await;
    let newer = feed(&server).await;
    let mut reader = board.subscribe(None, None).await;
    let known = r#"{"subject":"image","action":"tag","id":"1","attributes":{},"more":1}"#;
    for body in [&known.replace("tag", "thaw"), "", known] {
        newer.tell(body.to_owned()).done().await;
    }
    publish(&board, "2".to_owned()).done().await;
    assert_eq!(next(&mut reader).await.expect("an event").id, "1");
    assert_eq!(next(&mut reader).await.expect("an event").id, "2");
    let events = all(&daemon(&server).await, Timestamp::UNIX_EPOCH).await;
    assert_eq!(ids(&events), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_missed_something_is_cut_off() {
    let server = server().await;
    let board = daemon(&server).await;
    publish(&board, "before".to_owned()).done().await;
    let mut waiting = board.subscribe(None, None).await;
    let mut behind = board.subscribe(Some(Timestamp::UNIX_EPOCH), None).await;
    // As if the database were restored from an older backup.
    with(&server, |server| {
        drop(server.psql(DATABASE, "DELETE FROM events"))
    })
    .await;
    publish(&board, "after".to_owned()).done().await;
    let events = all(&board, Timestamp::UNIX_EPOCH).await;
    assert_eq!(ids(&events), ["after"]);
    assert_eq!(next(&mut waiting).await, None);
    assert_eq!(next(&mut behind).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_nobody_waits_for_ever() {
    let server = server().await;
    let board = daemon(&server).await;
    publish(&board, "1".to_owned()).done().await;
    let mut live = board.subscribe(None, None).await;
    with(&server, Postgres::stop).await;
    publish(&board, "2".to_owned()).done().await;
    let events = all(&board, Timestamp::UNIX_EPOCH).await;
    assert_eq!(ids(&events), ["1"], "what it has");
    with(&server, Postgres::restart).await;
    assert_eq!(next(&mut live).await.expect("told later").id, "2");
}
