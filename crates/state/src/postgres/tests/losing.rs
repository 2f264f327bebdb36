//! Tests of lost connections and servers.

use futures_util::future::{
    BoxFuture, Either, FutureExt as _, TryFutureExt as _, join_all, select,
};
use sockerless_reference::Query;
use sockerless_testkit::postgres::Postgres;
use sockerless_testkit::proxy::FaultProxy;

use super::other::Other;
use super::server::{database, postgres};
use crate::conformance::sample::{Sample, add, at, find, found, name, named, tag};
use crate::postgres::pool::CONNECTIONS;
use crate::{Error, ImageStore, PostgresStore, Removed};

async fn opened() -> (PostgresStore, Other) {
    let database = database();
    let store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    (store, Other::new(&database).await)
}

/// Opens as many connections as there may be, and leaves them idle.
async fn fill(store: &PostgresStore) {
    let leases = join_all((0..CONNECTIONS).map(|_| store.works.pool.lease())).await;
    for lease in leases {
        lease.unwrap().give_back();
    }
}

#[tokio::test]
async fn whoever_loses_idle_connections_does_not_notice() {
    let (store, other) = opened().await;
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:1"])).await;
    for n in 0..4 {
        fill(&store).await;
        assert_eq!(other.cut().await, CONNECTIONS as i64);
        match n {
            0 => drop(found(&store, &named("app:1")).await),
            1 => drop(tag(&store, &named("app:1"), "app:2", 1).await),
            2 => drop(add(&store, sample.named(&["app:3"])).await),
            _ => drop(store.counts().await.unwrap()),
        }
    }
    assert_eq!(found(&store, &named("app:1")).await.names.len(), 3);
}

/// A request that the server ended was not done, so it is retried once; not without end.
#[tokio::test]
async fn what_the_server_ends_is_done_once_more() {
    let (store, other) = opened().await;
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:0"])).await;
    let (source, to) = (named("app:0"), name("app:1"));
    for tags in [true, false] {
        for cuts in [1, 2] {
            other.hold("names").await;
            let mut work: BoxFuture<'_, Result<(), Error>> = match tags {
                true => store.tag(&source, &to, at(1)).map_ok(drop).boxed(),
                false => store.add(sample.named(&["app:1"])).map_ok(drop).boxed(),
            };
            for _ in 0..cuts {
                other.until_it_waits(&mut work).await;
                assert_eq!(other.cut_waiting().await, 1);
            }
            if cuts == 1 {
                other.until_it_waits(&mut work).await;
                other.let_go().await;
                work.await.unwrap();
                let removed = store.remove(&sample.untagging(&["app:1"])).await;
                assert_ne!(removed.unwrap(), Removed::Changed);
            } else {
                let error = work.await.unwrap_err();
                assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
                other.let_go().await;
                assert_eq!(find(&store, &named("app:1")).await, None);
            }
        }
    }
}

/// A server behind a proxy that can cut connections.
async fn proxied() -> (PostgresStore, Other, FaultProxy) {
    let proxy = FaultProxy::start(postgres().address());
    let database = database();
    let url = postgres().url_through(proxy.host().parse().unwrap(), &database);
    let store = PostgresStore::open(&url).await.unwrap();
    (store, Other::new(&database).await, proxy)
}

fn cut(proxy: &FaultProxy) {
    proxy.disconnect();
    proxy.connect(postgres().address());
}

/// The outcome of a statement whose response is lost is not known, so it is not retried.
#[tokio::test]
async fn one_statement_whose_answer_is_lost_is_told() {
    let (store, other, proxy) = proxied().await;
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:1"])).await;
    other.hold("names").await;
    let (source, to) = (named("app:1"), name("app:2"));
    let mut tagging = store.tag(&source, &to, at(1));
    other.until_it_waits(&mut tagging).await;
    cut(&proxy);
    let error = tagging.await.unwrap_err();
    let Error::Unavailable { doing, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(doing, "tagging an image");
    other.let_go().await;
    other.until_waiting(0).await;
    assert_eq!(tag(&store, &source, "app:3", 1).await, Some(sample.id()));
}

/// A transaction is not done before its commit; after that its outcome is not known.
#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_whole_or_told() {
    let (store, other, proxy) = proxied().await;
    let (one, two) = (Sample::new("one"), Sample::new("two"));
    other.hold("names").await;
    let mut adding = store.add(one.named(&["app:1"]));
    other.until_it_waits(&mut adding).await;
    cut(&proxy);
    // The one that was cut off waits too: its server does not know that.
    let both = Box::pin(other.until_waiting(2));
    assert!(matches!(select(&mut adding, both).await, Either::Right(_)));
    other.let_go().await;
    assert_eq!(adding.await.unwrap().new_images, [one.target()]);
    other.until_waiting(0).await;

    let gate = "CREATE SEQUENCE commits; CREATE TABLE gate (); \
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                PERFORM nextval('commits'); LOCK TABLE gate IN ROW EXCLUSIVE MODE; \
                RETURN NULL; END $$; \
                CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON images \
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";
    other.run(gate).await;
    other.hold("gate").await;
    let mut adding = store.add(two.named(&["app:2"]));
    other.until_it_waits(&mut adding).await;
    cut(&proxy);
    let error = adding.await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    other.let_go().await;
    other.until_waiting(0).await;
    // It was not retried, and was done.
    while find(&store, &named("app:2")).await.is_none() {}
    assert_eq!(other.count("SELECT last_value FROM commits").await, 1);
    assert_eq!(found(&store, &Query::Id(two.id())).await.image, two.image);
}

/// A look-up is retried unnoticed.
#[tokio::test]
async fn a_look_whose_answer_is_lost_is_done_once_more() {
    let (store, other, proxy) = proxied().await;
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:1"])).await;
    other
        .run("BEGIN; LOCK TABLE names IN ACCESS EXCLUSIVE MODE")
        .await;
    let query = named("app:1");
    let mut finding = store.find(&query);
    other.until_it_waits(&mut finding).await;
    cut(&proxy);
    let both = Box::pin(other.until_waiting(2));
    assert!(matches!(select(&mut finding, both).await, Either::Right(_)));
    other.let_go().await;
    assert_eq!(finding.await.unwrap().unwrap().image, sample.image);
}

#[tokio::test]
async fn the_first_request_after_a_restart_works() {
    let mut own = Postgres::start();
    own.create_database("state");
    let store = PostgresStore::open(&own.url("state")).await.unwrap();
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:0"])).await;
    for n in 1..4 {
        fill(&store).await;
        match n {
            1 => own.crash(),
            _ => own.stop(),
        }
        own.restart();
        match n {
            1 => drop(found(&store, &named("app:0")).await),
            2 => drop(tag(&store, &named("app:0"), "app:2", 1).await),
            _ => drop(add(&store, sample.named(&["app:3"])).await),
        }
    }
    assert_eq!(found(&store, &named("app:0")).await.names.len(), 3);
}

#[tokio::test]
async fn without_a_server_nothing_works_until_it_is_back() {
    let mut own = Postgres::start();
    own.create_database("state");
    let store = PostgresStore::open(&own.url("state")).await.unwrap();
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:1"])).await;
    own.stop();
    let source = named("app:1");
    for error in [
        store.find(&source).await.unwrap_err(),
        store.tag(&source, &name("app:2"), at(1)).await.unwrap_err(),
        store.add(sample.named(&["app:3"])).await.unwrap_err(),
    ] {
        let Error::Unavailable { store, source, .. } = error else {
            panic!("{error:?}");
        };
        let name = format!("postgres://{}/state", own.address());
        assert_eq!(store, name);
        let said = format!("no connection to {name}: Connection refused (os error 111)");
        assert_eq!(source.to_string(), said);
    }
    own.restart();
    assert_eq!(found(&store, &source).await.names, [name("app:1")]);
}
