//! Tests of migrations and foreign tables.

use futures_util::future::join_all;

use super::server::{database, postgres};
use crate::conformance::sample::{Sample, add, found, named};
use crate::postgres::connect::Connector;
use crate::postgres::fault::Fault;
use crate::postgres::schema::{MIGRATIONS, migrate};
use crate::postgres::session::Session;
use crate::{Error, PostgresStore};

const THINGS: &str = "CREATE TABLE things (a bigint NOT NULL)";
const MORE: &str = "ALTER TABLE things ADD COLUMN b bigint NOT NULL DEFAULT 7";

async fn session(database: &str) -> Session {
    let connector = Connector::new(&postgres().url(database)).await.unwrap();
    Session::open(&connector).await.unwrap()
}

fn version(database: &str) -> String {
    postgres().psql(database, "SELECT version FROM sockerless_schema")
}

#[tokio::test]
async fn many_open_a_new_database_and_one_migrates() {
    let database = database();
    let url = postgres().url(&database);
    let stores = join_all((0..8).map(|_| PostgresStore::open(&url))).await;
    let stores: Vec<_> = stores.into_iter().map(|store| store.unwrap()).collect();
    let sample = Sample::new("one");
    add(&stores[0], sample.named(&["app:1"])).await;
    for store in &stores {
        assert_eq!(found(store, &named("app:1")).await.image, sample.image);
    }
    assert_eq!(version(&database), MIGRATIONS.len().to_string());
}

#[tokio::test]
async fn an_older_schema_is_migrated_and_keeps_its_rows() {
    let database = database();
    let session = session(&database).await;
    migrate(&session, "test", &[THINGS]).await.unwrap();
    postgres().psql(&database, "INSERT INTO things VALUES (1)");

    migrate(&session, "test", &[THINGS, MORE]).await.unwrap();

    assert_eq!(postgres().psql(&database, "SELECT a, b FROM things"), "1|7");
    assert_eq!(version(&database), "2");
    migrate(&session, "test", &[THINGS, MORE]).await.unwrap();
}

#[tokio::test]
async fn a_failed_migration_changes_nothing() {
    let database = database();
    let first = session(&database).await;
    migrate(&first, "test", &[THINGS]).await.unwrap();

    let fault = migrate(&first, "test", &[THINGS, MORE, "CREATE NONSENSE"]).await;

    let fault = fault.unwrap_err();
    assert!(matches!(fault, Fault::Database(_)), "{fault:?}");
    // The lock ends with the connection, like the one in which a state is opened.
    drop(first);
    assert_eq!(version(&database), "1");
    let second = session(&database).await;
    migrate(&second, "test", &[THINGS, MORE]).await.unwrap();
    assert_eq!(version(&database), "2");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let database = database();
    let session = session(&database).await;
    migrate(&session, "test", &[THINGS, MORE]).await.unwrap();
    let fault = migrate(&session, "test", &[THINGS]).await.unwrap_err();
    let Fault::Answer(Error::SchemaFromFuture {
        found: 2, known: 1, ..
    }) = fault
    else {
        panic!("{fault:?}");
    };
    assert_eq!(version(&database), "2");
}

#[tokio::test]
async fn what_an_extension_brought_does_not_matter() {
    let database = database();
    let extension = "CREATE EXTENSION pg_stat_statements";
    postgres().psql(&database, extension);
    PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
}
