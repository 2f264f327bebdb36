//! What may change while the daemon runs.

use std::fs;
use std::os::unix::net::UnixListener;

use sockerless_testkit::daemon::{Backend, Daemon, Launch};

use crate::SOCKERLESS;

on_both_backends!(a_removed_socket, a_socket_that_another_took);

/// Cleaning up `/run` does not make the daemon unreachable.
fn a_removed_socket(backend: Backend) {
    let mut daemon = Daemon::start(SOCKERLESS, backend);
    for time in 1..=2 {
        fs::remove_file(daemon.socket()).unwrap();
        daemon.wait_for_lines("is made again", time);
        assert_eq!(daemon.get("/_ping").text(), "OK");
    }
    daemon.terminate();
    assert!(daemon.wait().success());
    assert!(!daemon.socket().exists());
}

/// A socket of another process is left alone.
fn a_socket_that_another_took(backend: Backend) {
    let mut daemon = Daemon::start(SOCKERLESS, backend);
    let mut connection = daemon.connect();
    let socket = daemon.socket();
    let other = socket.with_file_name("other");
    let listener = UnixListener::bind(&other).unwrap();
    fs::rename(&other, &socket).unwrap();
    daemon.wait_for_log(|line| line.contains("something else has taken its place"));
    let ping = sockerless_testkit::http::Request::get("/_ping");
    assert_eq!(connection.exchange(&ping).unwrap().text(), "OK");
    drop(connection);
    daemon.terminate();
    assert!(daemon.wait().success());
    assert!(socket.exists());
    drop(listener);
}

#[test]
fn sighup_reads_the_log_level_again_and_ends_nothing() {
    let launch = Launch::new(SOCKERLESS, Backend::Sqlite);
    let config = launch.folder().join("config.toml");
    fs::write(&config, "log-level = \"info\"\n").unwrap();
    let daemon = launch.argument("--config").argument(&config).start();
    let mut connection = daemon.connect();
    let ping = sockerless_testkit::http::Request::get("/_ping");
    assert_eq!(connection.exchange(&ping).unwrap().status, 200);
    assert!(
        !daemon.log().contains("request answered"),
        "{}",
        daemon.log()
    );

    fs::write(&config, "log-level = \"loud\"\n").unwrap();
    daemon.hang_up();
    daemon
        .wait_for_log(|line| line.contains("everything stays as it was") && line.contains("loud"));
    fs::write(&config, "log-level = \"debug\"\n").unwrap();
    daemon.hang_up();
    daemon.wait_for_log(|line| line.contains("read again") && line.contains("debug"));
    assert_eq!(connection.exchange(&ping).unwrap().status, 200);
    daemon.wait_for_log(|line| line.contains("request answered"));
    drop(connection);
    daemon.stop();
}
