//! State in PostgreSQL, of one daemon. Of several: the tests called `replicas`.

use std::process::Command;

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::Request;
use sockerless_testkit::postgres::{PASSWORD, Postgres, USER};
use sockerless_testkit::registry::Registry;

use super::check::Table;
use super::scene::{launch, load, noisy_archive};
use crate::SOCKERLESS;

fn with(postgres: &Postgres, database: &str, registry: &Registry) -> Launch {
    launch(Backend::Sqlite, &registry.host()).with_state(&postgres.url(database))
}

/// One sentence, and an exit code that is not 0, before anything listens.
#[test]
fn what_cannot_hold_the_state_is_refused() {
    let (postgres, registry) = (Postgres::start(), Registry::open());
    for database in ["foreign", "future", "read_only", "forbidden"] {
        postgres.create_database(database);
    }
    postgres.psql("foreign", "CREATE TABLE orders (id int)");
    drop(with(&postgres, "future", &registry).start());
    postgres.psql("future", "UPDATE sockerless_schema SET version = 99");
    postgres.psql(
        "postgres",
        "ALTER DATABASE read_only SET default_transaction_read_only = on",
    );
    let sql = format!("CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'");
    postgres.psql("postgres", &sql);
    let as_guest = |url: String| url.replacen(&format!("//{USER}:"), "//guest:", 1);
    let nobody = "postgres://me@127.0.0.1:1/state".to_owned();
    for (url, said) in [
        (
            postgres.url("postgres").replacen(PASSWORD, "wrong", 1),
            "does not let user",
        ),
        (
            postgres.url("nowhere"),
            "database nowhere has to be created first",
        ),
        (postgres.url("foreign"), "holds no sockerless state"),
        (
            postgres.url("future"),
            "has schema 99, this version knows up to 1",
        ),
        (postgres.url("read_only"), "can only be read"),
        (
            as_guest(postgres.url("forbidden")),
            "user guest may not create tables in schema public",
        ),
        (nobody, "no connection to postgres://127.0.0.1:1/state"),
    ] {
        let refused = launch(Backend::Sqlite, &registry.host()).with_state(&url);
        let (status, log) = refused.run_keeping(|folder| {
            assert!(!folder.join("sockerless.sock").exists(), "{said}");
        });
        assert_eq!(status.code(), Some(1), "{said}: {log}");
        assert!(log.contains(said), "{said}: {log}");
        assert!(
            log.contains("to do: "),
            "the next step, as check has it: {log}"
        );
        assert!(!log.contains(PASSWORD) && !log.contains("wrong"), "{log}");

        let table = Table::of(launch(Backend::Sqlite, &registry.host()).with_state(&url));
        table.is_ill("database", &[said]);
        table.advises("");
    }
}

/// An invalid URL may be one with a typo, and still contain its password.
#[test]
fn a_url_with_a_slip_is_not_repeated() {
    let url = format!("postgre://me:{PASSWORD}@127.0.0.1/state");
    let (status, log) = Launch::new(SOCKERLESS, Backend::Sqlite)
        .with_state(&url)
        .run();
    assert_eq!(status.code(), Some(2), "{log}");
    assert!(
        log.contains("--state: give sqlite, memory or postgres://"),
        "{log}"
    );
    assert!(!log.contains(PASSWORD), "{log}");
}

#[test]
fn without_staging_it_does_not_start() {
    let launch = Launch::new(SOCKERLESS, Backend::Sqlite).with_state("postgres://me@127.0.0.1:1/s");
    let (status, log) = launch.run();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(
        log.contains("--state postgres://… needs --staging"),
        "{log}"
    );
}

#[test]
fn a_check_tells_what_the_database_is_like() {
    let (postgres, registry) = (Postgres::start(), Registry::open());
    postgres.create_database("state");
    let table = Table::of(with(&postgres, "state", &registry));
    assert!(table.is_well, "{}", table.text);
    assert!(
        table.row("database").contains("no tables yet"),
        "{}",
        table.text
    );
    let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(postgres.psql("state", tables), "0", "a look makes none");
    drop(with(&postgres, "state", &registry).start());
    let table = Table::of(with(&postgres, "state", &registry).argument("--deep"));
    assert!(table.is_well, "{}", table.text);
    assert!(
        table.row("documents").contains("0 documents read"),
        "{}",
        table.text
    );
    for (what, said) in [
        ("database", "PostgreSQL"),
        ("durability", "on disk before it is answered"),
        ("clock", "the database is"),
        ("connections", "enough for"),
        ("state", "0 images"),
    ] {
        assert!(table.row(what).contains(said), "{what}: {}", table.text);
    }

    postgres.psql(
        "postgres",
        "ALTER DATABASE state SET synchronous_commit = off",
    );
    let table = Table::of(with(&postgres, "state", &registry));
    table.is_ill("durability", &["before it is on disk"]);
    table.advises("synchronous_commit");
}

fn is_well(daemon: &Daemon, flags: &[&str]) -> bool {
    let mut check = Command::new(SOCKERLESS);
    check
        .args(["healthcheck", "-H", &daemon.host()])
        .args(flags);
    check.output().unwrap().status.success()
}

/// 503 while it cannot be reached; after that the first request succeeds, and nothing is lost.
#[test]
fn a_database_that_comes_back_is_used_again() {
    let (mut postgres, registry) = (Postgres::start(), Registry::open());
    postgres.create_database("state");
    let daemon = with(&postgres, "state", &registry).start();
    load(&daemon, &noisy_archive("kept"));
    postgres.crash();
    for request in ["/images/json", "/images/kept:1/json"] {
        let response = daemon.get(request);
        assert_eq!(response.status, 503, "{request}: {}", response.text());
        for place in [PASSWORD, &postgres.address().to_string(), "127.0.0.1"] {
            assert!(!response.text().contains(place), "{}", response.text());
        }
    }
    // It is alive, and not ready.
    assert!(is_well(&daemon, &[]));
    assert!(!is_well(&daemon, &["--ready"]));
    let response = daemon.post("/images/kept:1/tag?repo=again&tag=1");
    assert_eq!(response.status, 503, "{}", response.text());

    postgres.restart();
    let inspected = daemon.get("/images/kept:1/json");
    assert_eq!(inspected.status, 200, "{}", inspected.text());
    assert!(is_well(&daemon, &["--ready"]));
    let tagged = daemon.post("/images/kept:1/tag?repo=again&tag=1");
    assert_eq!(tagged.status, 201, "{}", tagged.text());
    let restarted = daemon.restart();
    assert_eq!(restarted.get("/images/again:1/json").status, 200);
}

/// Records that an image needs stay, and another daemon saves it from the registry.
#[test]
fn what_registries_have_of_no_image_is_forgotten() {
    let (postgres, registry) = (Postgres::start(), Registry::open());
    postgres.create_database("state");
    let daemon = with(&postgres, "state", &registry).start();
    for name in ["kept", "gone"] {
        load(&daemon, &noisy_archive(name));
    }
    let known = "SELECT (SELECT COUNT(*) FROM encodings), (SELECT COUNT(*) FROM locations)";
    assert_eq!(postgres.psql("state", known), "2|2");
    let removed = daemon.request(&Request::new("DELETE", "/images/gone:1"));
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert_eq!(postgres.psql("state", known), "2|2");

    let month = "31 * 86400000000000";
    for table in ["encodings", "locations"] {
        let sql = format!("UPDATE {table} SET used_at = used_at - {month}");
        postgres.psql("state", &sql);
    }
    let daemon = daemon.restart();
    daemon.wait_for_log(|line| line.contains("forgot what registries have of no image"));
    assert_eq!(postgres.psql("state", known), "1|1");
    let other = with(&postgres, "state", &registry).start();
    let saved = other.get("/images/kept:1/get");
    assert_eq!(saved.status, 200, "{}", saved.text());
    let complete = |daemon: &Daemon| {
        daemon
            .load(&saved.body)
            .text()
            .contains("Loaded image: kept:1")
    };
    assert!(complete(&daemon) && complete(&other));
}
