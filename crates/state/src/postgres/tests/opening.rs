//! Tests of databases that cannot hold a state: each is refused in one sentence, and left
//! unchanged.

use std::net::TcpListener;

use sockerless_testkit::postgres::{PASSWORD, Setup, USER};

use super::server::{database, postgres, url};
use crate::{Error, PostgresStore};

async fn refused(url: &str) -> Error {
    let error = PostgresStore::open(url).await.expect_err("refused");
    let told = format!("{error} {error:?}");
    assert!(!told.contains(PASSWORD), "{told}");
    error
}

/// `postgres://…` as in messages.
fn name(database: &str) -> String {
    format!("postgres://{}/{database}", postgres().address())
}

/// A user with a password.
fn user(name: &str) {
    let sql = format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'");
    postgres().psql("postgres", &sql);
}

/// The database's URL for such a user.
fn url_of(user: &str, database: &str) -> String {
    let url = postgres().url(database);
    url.replacen(&format!("//{USER}:"), &format!("//{user}:"), 1)
}

fn tables(database: &str) -> String {
    let sql = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
               WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    postgres().psql(database, sql)
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = refused(&format!("postgres://me:{PASSWORD}@{address}/state")).await;
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("no connection to postgres://{address}/state: Connection refused (os error 111)")
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user() {
    let database = database();
    let wrong = postgres().url(&database).replacen(PASSWORD, "wrong", 1);
    let error = refused(&wrong).await;
    assert!(matches!(error, Error::AccessDenied { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "{} does not let user postgres in: password authentication failed for user \"postgres\"",
            name(&database)
        )
    );
    let error = refused(&url_of("nobody_knows", &database)).await;
    assert!(matches!(error, Error::AccessDenied { .. }), "{error:?}");
    let none = postgres()
        .url(&database)
        .replacen(&format!(":{PASSWORD}"), "", 1);
    assert_eq!(
        refused(&none).await.to_string(),
        format!("no connection to {}: password missing", name(&database))
    );
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let error = refused(&postgres().url("nowhere")).await;
    assert!(matches!(error, Error::DatabaseMissing { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "{} is not there: database nowhere has to be created first",
            name("nowhere")
        )
    );
}

#[tokio::test]
async fn rights_that_are_missing() {
    let database = database();
    user("stranger");
    let error = async |rights: &str, missing: &str| {
        postgres().psql(&database, rights);
        let error = refused(&url_of("stranger", &database)).await;
        assert!(matches!(error, Error::RightsMissing { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!("user stranger may not {missing} in {}", name(&database))
        );
    };

    let revoke = format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC");
    error(&revoke, "connect").await;
    let connect = format!("GRANT CONNECT ON DATABASE {database} TO stranger");
    error(&connect, "create tables in schema public").await;
    assert_eq!(tables(&database), "");
    error(
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
        "find a schema of its search_path",
    )
    .await;

    drop(
        PostgresStore::open(&postgres().url(&database))
            .await
            .unwrap(),
    );
    error(
        "GRANT USAGE ON SCHEMA public TO stranger",
        "read table sockerless_schema",
    )
    .await;
    error(
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger",
        "insert into table blobs",
    )
    .await;
    let most = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO stranger; \
                REVOKE DELETE ON names FROM stranger";
    error(most, "delete from table names").await;
    // These rights are enough for a state.
    postgres().psql(&database, "GRANT DELETE ON names TO stranger");
    PostgresStore::open(&url_of("stranger", &database))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_schema_of_its_own() {
    let database = database();
    postgres().psql(
        &database,
        "CREATE TABLE public.letters (a int); CREATE SCHEMA own",
    );
    let own = format!(
        "{}?options=-c%20search_path%3Down",
        postgres().url(&database)
    );
    drop(PostgresStore::open(&own).await.unwrap());
    drop(PostgresStore::open(&own).await.unwrap());
    assert_eq!(tables(&database), "letters");
    let nowhere = own.replace("own", "nowhere");
    assert_eq!(
        refused(&nowhere).await.to_string(),
        format!(
            "user postgres may not find a schema of its search_path in {}",
            name(&database)
        )
    );
}

#[tokio::test]
async fn a_database_that_is_set_to_be_read() {
    let database = database();
    let sql = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
    postgres().psql("postgres", &sql);
    let error = refused(&postgres().url(&database)).await;
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "{} can only be read: default_transaction_read_only is on",
            name(&database)
        )
    );
}

#[tokio::test]
async fn a_replica() {
    let mut replica = Setup::new().start();
    replica.create_database("state");
    drop(PostgresStore::open(&replica.url("state")).await.unwrap());
    let folder = replica.psql("postgres", "SHOW data_directory");
    std::fs::write(format!("{folder}/standby.signal"), "").unwrap();
    replica.restart();
    let name = format!("postgres://{}/state", replica.address());

    let error = refused(&replica.url("state")).await;
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("{name} can only be read: its server follows another one")
    );
    // Of several servers one that accepts changes is used.
    let address = replica.address().to_string();
    let both = format!("{address},{}", postgres().address());
    let found = database();
    drop(
        PostgresStore::open(&replica.url(&found).replace(&address, &both))
            .await
            .unwrap(),
    );
    assert_ne!(tables(&found), "");
}

#[tokio::test]
async fn a_database_of_another_program() {
    for (made, tables_now) in [
        ("CREATE TABLE letters (a int)", "letters"),
        ("CREATE VIEW letters AS SELECT 1", ""),
    ] {
        let database = database();
        postgres().psql(&database, made);
        let error = refused(&postgres().url(&database)).await;
        assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!(
                "{} holds no sockerless state: 1 tables of something else in schema public",
                name(&database)
            )
        );
        assert_eq!(tables(&database), tables_now);
    }
}

#[tokio::test]
async fn a_schema_from_the_future() {
    let url = url();
    let database = url.rsplit('/').next().unwrap();
    drop(PostgresStore::open(&url).await.unwrap());
    postgres().psql(database, "UPDATE sockerless_schema SET version = 1000");
    let error = refused(&url).await;
    assert!(matches!(error, Error::SchemaFromFuture { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "state in {} has schema 1000, this version knows up to 1",
            name(database)
        )
    );
    let version = postgres().psql(database, "SELECT version FROM sockerless_schema");
    assert_eq!(version, "1000");
}

#[tokio::test]
async fn a_database_that_lacks_characters() {
    let make = "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0";
    postgres().psql("postgres", make);
    let error = refused(&postgres().url("latin")).await;
    assert!(matches!(error, Error::Encoding { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "{} has encoding LATIN1, and has to be created with UTF8",
            name("latin")
        )
    );
    assert_eq!(tables("latin"), "");
}
