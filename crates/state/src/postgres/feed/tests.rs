//! Tests of feeds, with servers that stop and connections that are lost.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sockerless_testkit::postgres::Postgres;
use tokio::sync::watch;
use tokio::time::timeout;

use super::super::connect::Connector;
use super::queue::Queue;
use super::reader::Reader;
use super::writer::Writer;
use super::{Feed, Following, News, Told};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

const DATABASE: &str = "feed";

/// How many events the table keeps at least, and how many more there may be.
const KEPT: usize = 1024;
const MORE: usize = 256;

/// A database with the tables.
async fn database() -> Arc<Mutex<Postgres>> {
    on(tokio::task::spawn_blocking(|| {
        let postgres = Postgres::start();
        postgres.create_database(DATABASE);
        postgres.psql(DATABASE, include_str!("../migrations/1.sql"));
        Arc::new(Mutex::new(postgres))
    }))
    .await
}

async fn on<T>(task: tokio::task::JoinHandle<T>) -> T {
    task.await.expect("no panic")
}

/// Runs a slow function with the server on a thread that may block.
async fn with<T: Send + 'static>(
    postgres: &Arc<Mutex<Postgres>>,
    work: impl FnOnce(&mut Postgres) -> T + Send + 'static,
) -> T {
    let postgres = Arc::clone(postgres);
    on(tokio::task::spawn_blocking(move || {
        work(&mut postgres.lock().expect("no panic"))
    }))
    .await
}

async fn connector(postgres: &Arc<Mutex<Postgres>>) -> Connector {
    let url = postgres.lock().expect("no panic").url(DATABASE);
    Connector::new(&url).await.expect("a valid URL")
}

async fn psql(postgres: &Arc<Mutex<Postgres>>, sql: &'static str) -> String {
    with(postgres, move |postgres| postgres.psql(DATABASE, sql)).await
}

/// What a follower has received: the news without those before the first gap.
#[derive(Clone, Default)]
struct Got {
    told: watch::Sender<Vec<Told>>,
    gaps: Arc<Mutex<usize>>,
}

impl Got {
    fn take(&self) -> impl FnMut(News) + Send + use<> {
        let got = self.clone();
        move |news| {
            *got.gaps.lock().expect("no panic") += usize::from(news.gap);
            got.told.send_modify(|told| told.extend(news.told));
        }
    }

    fn gaps(&self) -> usize {
        *self.gaps.lock().expect("no panic")
    }

    fn bodies(&self) -> Vec<String> {
        let told = self.told.borrow();
        told.iter().map(|told| told.body.clone()).collect()
    }

    /// Waits until there are this many.
    async fn wait_for(&self, count: usize) {
        let mut told = self.told.subscribe();
        let enough = timeout(PATIENCE, told.wait_for(|told| told.len() >= count)).await;
        let enough = enough.map(|told| told.is_ok());
        assert_eq!(enough, Ok(true), "{} of {count}", self.bodies().len());
    }
}

/// A daemon that sends and follows.
struct Daemon {
    feed: Feed,
    got: Got,
    following: Following,
}

impl Daemon {
    async fn start(postgres: &Arc<Mutex<Postgres>>) -> Self {
        let feed = Feed::new(connector(postgres).await);
        let got = Got::default();
        let following = feed.follow(got.take());
        Self {
            feed,
            got,
            following,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_get_the_same_through_everything_that_breaks() {
    const EACH: usize = 300;
    let postgres = database().await;
    let mut daemons = Vec::new();
    for _ in 0..3 {
        daemons.push(Daemon::start(&postgres).await);
    }
    let tellers = (0..).zip(&daemons).map(|(name, daemon)| {
        let feed = daemon.feed.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let telling = feed.tell(format!("{name} {number}"));
                // Some are sent alone, some together.
                if number % 3 != 0 {
                    telling.done().await;
                }
            }
        })
    });
    let tellers: Vec<_> = tellers.collect();
    let first = &daemons[0].got;
    first.wait_for(EACH / 4).await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_ne!(psql(&postgres, cut).await, "0");
    first.wait_for(EACH / 2).await;
    with(&postgres, |postgres| {
        postgres.crash();
        postgres.restart();
    })
    .await;
    first.wait_for(EACH).await;
    let listening = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                     WHERE query LIKE '%FROM events%' AND pid <> pg_backend_pid()";
    psql(&postgres, listening).await;
    with(&postgres, Postgres::restart).await;
    for teller in tellers {
        timeout(PATIENCE, on(teller)).await.expect("they end");
    }
    for daemon in &daemons {
        daemon.got.wait_for(3 * EACH).await;
        assert_eq!(daemon.got.gaps(), 1, "only the first news");
        assert_eq!(daemon.got.bodies(), first.bodies());
        assert_eq!(*daemon.got.told.borrow(), *first.told.borrow());
    }
    let told = first.bodies();
    assert_eq!(told.len(), 3 * EACH);
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len());
    for name in 0..daemons.len() {
        let own = told
            .iter()
            .filter_map(|body| body.strip_prefix(&format!("{name} ")));
        let own: Vec<usize> = own
            .map(|number| number.parse().expect("a number"))
            .collect();
        assert_eq!(own, Vec::from_iter(0..EACH), "in its order");
    }
    let times = first
        .told
        .borrow()
        .iter()
        .map(|told| told.at)
        .collect::<Vec<_>>();
    assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_is_seen_by_who_catches_up() {
    let postgres = database().await;
    let (teller, reader) = (
        Daemon::start(&postgres).await,
        Daemon::start(&postgres).await,
    );
    drop(teller.feed.tell("never\0told".to_owned()));
    for number in 0..100 {
        let body = match number {
            0 => String::new(),
            _ => number.to_string(),
        };
        teller.feed.tell(body.clone()).done().await;
        assert!(reader.following.catch_up().await);
        assert_eq!(reader.got.bodies().last(), Some(&body));
    }
    let late = Daemon::start(&postgres).await;
    assert!(late.following.catch_up().await);
    assert_eq!(late.got.bodies(), reader.got.bodies(), "what is kept");
    // Only now, so that the connections were open before.
    with(&postgres, Postgres::stop).await;
    assert!(!reader.following.catch_up().await);
    let telling = teller.feed.tell("meanwhile".to_owned());
    let unlucky = teller.feed.tell("nobody waits".to_owned());
    drop(unlucky);
    with(&postgres, Postgres::restart).await;
    telling.done().await;
    for daemon in [&teller, &reader, &late] {
        daemon.got.wait_for(102).await;
        assert_eq!(daemon.got.bodies()[100..], ["meanwhile", "nobody waits"]);
        assert_eq!(daemon.got.gaps(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_go() {
    let postgres = database().await;
    let feed = Feed::new(connector(&postgres).await);
    let kept = "SELECT min(place), max(place), count(*) FROM events";
    for number in 1..=KEPT + MORE {
        let telling = feed.tell(number.to_string());
        if number % 128 == 0 {
            telling.done().await;
        }
    }
    assert_eq!(psql(&postgres, kept).await, "257|1280|1024");
    for _ in 1..MORE {
        feed.tell("not yet".to_owned()).done().await;
    }
    assert_eq!(psql(&postgres, kept).await, "257|1535|1279");
    feed.tell("now".to_owned()).done().await;
    assert_eq!(psql(&postgres, kept).await, "513|1536|1024");
    // The clock was set back.
    psql(
        &postgres,
        "UPDATE events SET at = 9000000000000000000 WHERE place = 1536",
    )
    .await;
    feed.tell("one".to_owned()).done().await;
    let at = "SELECT at FROM events ORDER BY place DESC LIMIT 1";
    assert_eq!(psql(&postgres, at).await, "9000000000000000001");
    // Of more than 4 MiB only the newest are kept.
    for _ in 0..5 {
        feed.tell("x".repeat(1 << 20)).done().await;
    }
    assert_eq!(psql(&postgres, kept).await, "1539|1542|4");
    feed.tell("x".repeat(5 << 20)).done().await;
    assert_eq!(psql(&postgres, kept).await, "1543|1543|1");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_missed_something_knows_it() {
    let postgres = database().await;
    let feed = Feed::new(connector(&postgres).await);
    let got = Got::default();
    let mut reader = Reader::new(connector(&postgres).await, got.take());
    reader.look().await.expect("read");
    assert_eq!((got.gaps(), got.bodies().len()), (1, 0), "nothing yet");
    reader.look().await.expect("read");
    assert_eq!(got.gaps(), 1);
    let tell = async |count: usize| {
        for number in 1..=count {
            let telling = feed.tell(number.to_string());
            if number % 128 == 0 || number == count {
                telling.done().await;
            }
        }
    };
    tell(3).await;
    reader.look().await.expect("read");
    assert_eq!(
        (got.gaps(), got.bodies()),
        (1, ["1", "2", "3"].map(str::to_owned).to_vec())
    );
    // When the last event that it saw is gone too, it cannot know whether others are missing.
    for (count, gaps, kept) in [
        (KEPT - 1, 1, KEPT - 1..KEPT),
        (KEPT + MORE, 2, KEPT..KEPT + MORE),
    ] {
        got.told.send_replace(Vec::new());
        tell(count).await;
        reader.look().await.expect("read");
        let found = got.bodies().len();
        assert_eq!(got.gaps(), gaps);
        assert!(kept.contains(&found), "{found} of {count}");
    }
    // A database that was restored: other events have the places of those that were seen.
    for sql in [
        "DELETE FROM events WHERE place > 2200",
        "UPDATE events SET at = at + 1",
        "DELETE FROM events",
    ] {
        let before = got.gaps();
        psql(&postgres, sql).await;
        reader.look().await.expect("read");
        assert_eq!(got.gaps(), before + 1, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_again_after_a_commit_in_doubt_is_there_once() {
    let postgres = database().await;
    let (_queue, waiting, lost) = Queue::new();
    let mut writer = Writer::new(connector(&postgres).await, waiting, lost);
    let all = "SELECT string_agg(body, ' ' ORDER BY place) FROM events";
    writer.attempt(&[1, 2], &["a", "b"]).await.expect("written");
    writer
        .attempt(&[1, 2], &["a", "b"])
        .await
        .expect("here already");
    assert_eq!(psql(&postgres, all).await, "a b");
    writer
        .attempt(&[2, 3], &["b", "c"])
        .await
        .expect("one is new");
    assert_eq!(psql(&postgres, all).await, "a b c");
    psql(&postgres, "DELETE FROM events WHERE place < 3").await;
    writer
        .attempt(&[1, 2, 3], &["a", "b", "c"])
        .await
        .expect("were here");
    assert_eq!(
        psql(&postgres, all).await,
        "c",
        "not even when others have pushed it out"
    );
    let (_queue, waiting, lost) = Queue::new();
    let mut other = Writer::new(connector(&postgres).await, waiting, lost);
    other.attempt(&[1], &["d"]).await.expect("written");
    assert_eq!(
        psql(&postgres, all).await,
        "c d",
        "each has its own numbers"
    );
}
