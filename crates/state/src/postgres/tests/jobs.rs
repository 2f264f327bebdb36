//! Tests of jobs, with several daemons and lost connections.

use super::other::is_pending;
use super::server::{database, postgres, url};
use crate::{Error, Job, Jobs, PostgresStore};

async fn begins(store: &PostgresStore, job: Job) -> bool {
    let right = store.exclusive(job).await.unwrap();
    right.is_some()
}

#[tokio::test]
async fn of_several_daemons_one_does_a_job() {
    let url = url();
    let (first, second) = tokio::join!(PostgresStore::open(&url), PostgresStore::open(&url));
    let (first, second) = (first.unwrap(), second.unwrap());
    let right = first.exclusive(Job::PruneImages).await.unwrap().unwrap();
    assert!(!begins(&second, Job::PruneImages).await);
    assert!(!begins(&first, Job::PruneImages).await);
    assert!(begins(&second, Job::PruneContainers).await);
    drop(right);
    // It waits for its own release; the other finds the lock free then.
    assert!(begins(&first, Job::PruneImages).await);
    while !begins(&second, Job::PruneImages).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_job_can_be_done_over_and_over() {
    let store = super::server::store().await;
    for _ in 0..20 {
        assert!(begins(&store, Job::PruneContainers).await);
    }
}

#[tokio::test]
async fn whoever_stops_beginning_does_not_have_it() {
    let store = super::server::store().await;
    {
        let mut begin = Box::pin(store.exclusive(Job::PruneImages));
        assert!(is_pending(&mut begin));
        assert!(!begins(&store, Job::PruneImages).await);
    }
    assert!(begins(&store, Job::PruneImages).await);
}

#[tokio::test]
async fn a_job_is_free_when_its_connection_is_lost() {
    let database = database();
    let url = postgres().url(&database);
    let (first, second) = tokio::join!(PostgresStore::open(&url), PostgresStore::open(&url));
    let (first, second) = (first.unwrap(), second.unwrap());
    let right = first.exclusive(Job::PruneImages).await.unwrap().unwrap();
    let cut = "SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype = 'advisory' \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(postgres().psql(&database, cut), "t");
    assert!(begins(&second, Job::PruneImages).await);
    drop(right);
    assert!(begins(&first, Job::PruneImages).await);
}

#[tokio::test]
async fn without_a_server_there_is_no_job() {
    let mut own = sockerless_testkit::postgres::Postgres::start();
    own.create_database("state");
    let store = PostgresStore::open(&own.url("state")).await.unwrap();
    own.stop();
    let error = store.exclusive(Job::PruneImages).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    own.restart();
    assert!(begins(&store, Job::PruneImages).await);
}
