//! Tests of dropped futures.

use futures_util::future::join_all;

use super::other::{Other, is_pending};
use super::server::{database, postgres};
use crate::conformance::sample::{Sample, add, find, found, named};
use crate::postgres::pool::CONNECTIONS;
use crate::{Error, ImageStore, PostgresStore};

/// Idle connections with an open transaction.
const FORGOTTEN: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";

const CONNECTED: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid() \
    AND backend_type = 'client backend'";

#[tokio::test]
async fn what_was_left_in_the_middle_has_not_happened() {
    let database = database();
    let store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    let other = Other::new(&database).await;
    let sample = Sample::new("one");

    // More than there are connections.
    for _ in 0..2 * CONNECTIONS {
        other.hold("names").await;
        let mut left = store.add(sample.named(&["app:1"]));
        other.until_it_waits(&mut left).await;
        drop(left);
        other.let_go().await;
        other.until_waiting(0).await;
    }

    assert_eq!(find(&store, &named("app:1")).await, None);
    add(&store, sample.named(&["app:1"])).await;
    assert_eq!(found(&store, &named("app:1")).await.image, sample.image);
    assert_eq!(other.count(FORGOTTEN).await, 0);
    assert!(other.count(CONNECTED).await <= 16);
}

/// Wherever a future is dropped, an addition is complete or not there, and the next request works.
#[tokio::test]
async fn it_does_not_matter_when_they_leave() {
    let database = database();
    let store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    let other = Other::new(&database).await;
    let mut left = 0;
    for polls in 0.. {
        let sample = Sample::new(&format!("sample {polls}"));
        let mut add = store.add(sample.named(&[&format!("app:{polls}")]));
        let mut done = false;
        for _ in 0..polls {
            done = !is_pending(&mut add);
            if done {
                break;
            }
            // The connection's own task continues.
            tokio::task::yield_now().await;
            other.count("SELECT 1::bigint").await;
        }
        if done {
            break;
        }
        drop(add);
        left += 1;
        let counts = store.counts().await.unwrap();
        assert_eq!(counts.images, counts.names, "{polls}");
    }
    assert!(left > 3, "{left}");
    let counts = store.counts().await.unwrap();
    assert_eq!(counts.images, counts.names);
    assert_eq!(other.count(FORGOTTEN).await, 0);
}

#[tokio::test]
async fn whoever_gets_no_connection_is_told() {
    let mut store = super::server::store().await;
    store.works.pool.patience = std::time::Duration::from_millis(20);
    let leases = join_all((0..CONNECTIONS).map(|_| store.works.pool.lease())).await;
    let leases: Vec<_> = leases.into_iter().map(|lease| lease.unwrap()).collect();

    let error = store.find(&named("app:1")).await.unwrap_err();
    let Error::Unavailable { source, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(source.to_string(), "no connection became free within 0 s");

    drop(leases);
    assert_eq!(find(&store, &named("app:1")).await, None);
}
