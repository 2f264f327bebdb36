//! Idle clients lose their places to waiting ones.

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Connection, Request};
use sockerless_testkit::image::{Image, Layer};
use sockerless_testkit::sample::Expected;
use sockerless_testkit::tar::Tar;

use crate::SOCKERLESS;
use crate::outcome::check;

on_both_backends!(stalled_uploads, uploads_that_stall_alone);

fn launch(backend: Backend) -> Launch {
    Launch::new(SOCKERLESS, backend).argument("--client-grace=1")
}

/// A running load whose client has stopped sending.
fn stalled(daemon: &Daemon) -> Connection {
    let request = Request::post("/images/load")
        .header("Expect", "100-continue")
        .body(vec![0; 1 << 20]);
    let mut connection = daemon.connect();
    connection.send(&request.head_bytes()).unwrap();
    assert_eq!(connection.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    connection.send(&[0; 512]).unwrap();
    connection
}

fn stalled_uploads(backend: Backend) {
    let daemon = launch(backend).argument("--max-loads=2").start();
    let mut waiting = [stalled(&daemon), stalled(&daemon)];
    let image = Image::sample("patient", 1);
    let response = daemon.load(&image.docker_archive(&["patient:1"]).finish());
    check(&daemon, &response, &[Expected::new(&image, &["patient:1"])]).unwrap();
    daemon.wait_for_log(|line| line.contains("waits for its turn: 2 loads are running"));
    // The one that was idle longest got the reason.
    let refused = waiting[0].response(false).unwrap();
    assert_eq!(refused.status, 503);
    let message = refused.message();
    assert!(message.contains("given up for others"), "{message}");
    assert!(message.contains("--max-loads"), "{message}");
}

/// No other client waits, but the timeout for clients ends.
fn uploads_that_stall_alone(backend: Backend) {
    let daemon = launch(backend).argument("--client-timeout=1").start();
    let refused = stalled(&daemon).response(false).unwrap();
    assert_eq!(refused.status, 400);
    let message = refused.message();
    assert!(message.contains("--client-timeout"), "{message}");
}

/// Larger than all buffers between the daemon and its client.
fn large(name: &str) -> Image {
    let tar = Tar::new().file(name, vec![7; 16 << 20]).finish();
    Image::with_layers(name, vec![Layer { tar }])
}

#[test]
fn saves_that_nobody_reads() {
    let daemon = launch(Backend::Sqlite).argument("--max-saves=2").start();
    let image = large("unread");
    let archive = image.docker_archive(&["unread:1"]).finish();
    assert_eq!(daemon.load(&archive).status, 200);
    let save = Request::get("/images/unread:1/get");
    let unread: Vec<_> = (0..2)
        .map(|_| {
            let mut connection = daemon.connect();
            connection.send(&save.to_bytes()).unwrap();
            let head = connection.head().unwrap();
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
            connection
        })
        .collect();
    let saved = daemon.request(&save);
    assert_eq!(saved.status, 200);
    assert!(saved.body.len() > 16 << 20);
    let is_cut = |line: &str| line.contains("cut off") && line.contains("/images/unread:1/get");
    daemon.wait_for_log(is_cut);
    let cut = daemon.log().lines().filter(|line| is_cut(line)).count();
    assert_eq!(cut, 1, "the other one keeps its place");
    drop(unread);
}
