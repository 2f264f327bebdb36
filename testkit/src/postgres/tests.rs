//! Tests of servers, ports and poolers.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{PASSWORD, Postgres, Setup, USER, process, programs};
use crate::registry::Authority;

#[test]
fn it_keeps_what_it_has_and_its_port() {
    let mut postgres = Postgres::start();
    let address = postgres.address();
    postgres.create_database("names");
    postgres.psql("names", "CREATE TABLE t (a int, b text)");
    postgres.psql("names", "INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    postgres.restart();
    assert_eq!(postgres.address(), address);
    assert_eq!(
        postgres.psql("names", "SELECT * FROM t ORDER BY a"),
        "1|x\n2|"
    );
    postgres.stop();
    assert!(
        postgres
            .try_psql(&postgres.url("names"), "SELECT 1")
            .is_err()
    );
    assert_eq!(postgres.log(), "");
    postgres.restart();
    assert_eq!(postgres.psql("names", "SELECT count(*) FROM t"), "2");
}

#[test]
fn it_asks_for_a_password() {
    let postgres = Postgres::start();
    let url = |password| {
        format!(
            "postgres://{USER}:{password}@{}/postgres",
            postgres.address()
        )
    };
    assert!(postgres.try_psql(&url(PASSWORD), "SELECT 1").is_ok());
    let error = postgres
        .try_psql(&url("x"), "SELECT 1")
        .expect_err("refused");
    assert!(error.contains("password authentication failed"), "{error}");
}

#[test]
fn a_crash_loses_what_was_not_committed() {
    let mut postgres = Postgres::start();
    postgres.psql("postgres", "CREATE TABLE t (a int)");
    postgres.psql("postgres", "INSERT INTO t VALUES (1)");
    let mut open = programs::command("psql", postgres.folder.path())
        .args(["--dbname", &postgres.url("postgres"), "--command"])
        .arg("BEGIN; INSERT INTO t VALUES (2); SELECT pg_sleep(3600)")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("psql");
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    let deadline = Instant::now() + Duration::from_secs(60);
    while postgres.psql("postgres", sleeping) != "1" {
        assert!(Instant::now() < deadline, "nobody sleeps");
    }
    let server = &postgres.running.as_ref().expect("it runs").child;
    let server = rustix::process::Pid::from_child(server);
    let started = process::children(server);
    assert!(started.len() > 1, "{started:?}");
    postgres.crash();
    assert!(!open.wait().expect("it ends").success());
    for process in started {
        assert!(!process::runs(process), "{process:?}");
    }
    postgres.restart();
    assert!(postgres.log().contains("was not properly shut down"));
    assert_eq!(postgres.psql("postgres", "SELECT a FROM t"), "1");
    postgres.crash();
    postgres.crash();
}

#[test]
fn what_is_configured() {
    let authority = Authority::new();
    let postgres = Setup::new()
        .with_tls(&authority)
        .with_line("default_transaction_read_only = on")
        .start();
    let own = "FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(postgres.psql("postgres", &format!("SELECT ssl {own}")), "t");
    let plain = format!("{}?sslmode=disable", postgres.url("postgres"));
    let error = postgres.try_psql(&plain, "SELECT 1").expect_err("refused");
    assert!(error.contains("no encryption"), "{error}");
    let error = postgres
        .try_psql(&postgres.url("postgres"), "CREATE TABLE t ()")
        .expect_err("refused");
    assert!(error.contains("read-only transaction"), "{error}");
}

#[test]
fn nothing_stays() {
    let mut crashed = Postgres::start();
    crashed.crash();
    let running = Postgres::start();
    let folders = [&crashed, &running].map(|postgres| postgres.folder.path().to_owned());
    let server = &running.running.as_ref().expect("it runs").child;
    let server = rustix::process::Pid::from_child(server);
    drop(crashed);
    drop(running);
    assert!(!process::runs(server));
    for folder in folders {
        assert!(!folder.exists(), "{folder:?}");
    }
}
