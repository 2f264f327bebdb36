//! Tests with poolers, and of the settings of sessions.

use std::sync::Arc;

use sockerless_testkit::postgres::{PoolMode, Pooler};
use tokio::sync::Notify;

use super::server::{database, postgres};
use crate::conformance::sample::{Sample, add, found, named, remove};
use crate::postgres::connect::Connector;
use crate::postgres::session::Session;
use crate::{Error, Job, Jobs, PostgresStore, Removed};

fn pooler(mode: PoolMode) -> (Pooler, String) {
    let pooler = Pooler::start(postgres(), mode);
    let url = postgres().url_through(pooler.address(), &database());
    (pooler, url)
}

#[tokio::test]
async fn a_pooler_in_session_mode() {
    let (_pooler, url) = pooler(PoolMode::Session);
    let first = PostgresStore::open(&url).await.unwrap();
    let second = PostgresStore::open(&url).await.unwrap();
    let sample = Sample::new("one");
    add(&first, sample.named(&["app:1"])).await;
    assert_eq!(found(&second, &named("app:1")).await.image, sample.image);
    let right = first.exclusive(Job::PruneImages).await.unwrap();
    assert!(right.is_some());
    assert!(second.exclusive(Job::PruneImages).await.unwrap().is_none());
    let removed = remove(&second, &sample.removal(&["app:1"])).await;
    assert_ne!(removed, Removed::Changed);

    let heard = Arc::new(Notify::new());
    let following = second.feed().follow({
        let heard = Arc::clone(&heard);
        move |news| {
            if news.told.iter().any(|told| told.body == "hello") {
                heard.notify_one();
            }
        }
    });
    first.feed().tell("hello".to_owned()).done().await;
    heard.notified().await;
    drop(following);
}

#[tokio::test]
async fn a_pooler_that_shares_sessions_is_refused() {
    let (_pooler, url) = pooler(PoolMode::Transaction);
    let error = PostgresStore::open(&url).await.unwrap_err();
    assert!(matches!(error, Error::SharedSession { .. }), "{error:?}");
}

/// Settings in the URL take precedence over those of every session, and these over the database's.
#[tokio::test]
async fn sessions_are_set() {
    let database = database();
    for setting in ["statement_timeout = 7000", "lock_timeout = 7000"] {
        let sql = format!("ALTER DATABASE {database} SET {setting}");
        postgres().psql("postgres", &sql);
    }
    let url = postgres().url(&database);
    let options = format!("{url}?options=-c%20lock_timeout%3D3s%20-c%20search_path%3Dmine");
    for (url, expected) in [
        (url, [Some("30s"), Some("10s"), Some("off"), None]),
        (
            options,
            [Some("30s"), Some("3s"), Some("off"), Some("mine")],
        ),
    ] {
        let connector = Connector::new(&url).await.unwrap();
        let session = Session::open(&connector).await.unwrap();
        let settings = ["statement_timeout", "lock_timeout", "jit", "search_path"];
        for (setting, expected) in settings.iter().zip(expected) {
            let found = session.word(&format!("SHOW {setting}")).await.unwrap();
            assert!(
                expected.is_none_or(|it| found.as_deref() == Some(it)),
                "{setting}: {found:?}"
            );
        }
    }
}
