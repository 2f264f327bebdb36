//! SIGTERM and SIGINT: no new requests, the running ones end, the socket is removed.

use std::time::{Duration, Instant};

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Connection, Request};
use sockerless_testkit::image::Image;
use sockerless_testkit::sample::Expected;

use crate::SOCKERLESS;
use crate::outcome::check;

on_both_backends!(
    at_rest,
    idle_connections,
    a_running_request_ends,
    a_hanging_request_does_not_hold_it
);

fn at_rest(backend: Backend) {
    for interrupt in [false, true] {
        let mut daemon = Daemon::start(SOCKERLESS, backend);
        if interrupt {
            daemon.interrupt();
        } else {
            daemon.terminate();
        }
        let status = daemon.wait();
        assert!(status.success(), "{status}\n{}", daemon.log());
        assert!(!daemon.socket().exists(), "the socket is removed");
    }
}

/// A client with an idle connection does not delay the end.
fn idle_connections(backend: Backend) {
    let mut daemon = Daemon::start(SOCKERLESS, backend);
    let mut fresh = daemon.connect();
    let mut used = daemon.connect();
    assert_eq!(used.exchange(&Request::get("/_ping")).unwrap().text(), "OK");
    let begin = Instant::now();
    daemon.terminate();
    assert!(daemon.wait().success());
    assert!(
        begin.elapsed() < Duration::from_secs(8),
        "it waited for idle connections"
    );
    assert!(used.is_at_end().unwrap());
    assert!(fresh.is_at_end().unwrap());
}

fn a_running_request_ends(backend: Backend) {
    let mut daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("shutdown", 2);
    let request = Request::post("/images/load?quiet=1")
        .header("Expect", "100-continue")
        .body(image.docker_archive(&["shutdown:1"]).finish());
    let mut connection = daemon.connect();
    connection.send(&request.head_bytes()).unwrap();
    // The daemon requests the body, so the request runs.
    assert_eq!(connection.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    daemon.terminate();
    refuses(&daemon);
    connection.send(&request.body_bytes()).unwrap();
    let response = connection.response(false).unwrap();
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(
        response
            .streams()
            .contains(&format!("Loaded image ID: {}\n", image.id()))
    );
    assert!(connection.is_at_end().unwrap());
    assert!(daemon.wait().success());
    assert!(!daemon.socket().exists(), "the socket is removed");
    if backend == Backend::Sqlite {
        let daemon = daemon.start_again();
        let expected = [Expected::new(&image, &["shutdown:1"])];
        check(&daemon, &response, &expected).unwrap();
    }
}

fn a_hanging_request_does_not_hold_it(backend: Backend) {
    let mut daemon = Daemon::start(SOCKERLESS, backend);
    let request = Request::post("/images/load")
        .header("Expect", "100-continue")
        .body(vec![0; 1024]);
    let mut connection = daemon.connect();
    connection.send(&request.head_bytes()).unwrap();
    assert_eq!(connection.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    let begin = Instant::now();
    daemon.terminate();
    daemon.wait();
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "10 seconds at the most"
    );
    assert!(!daemon.socket().exists(), "the socket is removed");
    assert!(connection.is_at_end().unwrap());
}

/// Waits until new connections are refused.
fn refuses(daemon: &Daemon) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Connection::open(&daemon.address()).is_ok() {
        assert!(
            Instant::now() < deadline,
            "it still takes connections\n{}",
            daemon.log()
        );
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
