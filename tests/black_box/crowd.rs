//! Many clients at once: limits, and the cost of idle ones.

use std::time::{Duration, Instant};

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Connection, Request};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;

fn launch() -> Launch {
    Launch::new(SOCKERLESS, Backend::Memory)
}

/// Repeats `attempt` until it returns a value.
fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A connection with a request that does not end. The daemon may still be ending those before it.
fn reader(daemon: &Daemon) -> Connection {
    eventually("there is no place for a reader", || {
        let mut connection = daemon.connect();
        connection
            .send(&Request::get("/events").to_bytes())
            .unwrap();
        let head = connection.head().unwrap();
        head.starts_with("HTTP/1.1 200 OK\r\n")
            .then_some(connection)
    })
}

/// Opens a connection with the beginning of a head of so many bytes.
fn unfinished(daemon: &Daemon, bytes: usize) -> Connection {
    let mut connection = daemon.connect();
    let head = format!("GET /_ping HTTP/1.1\r\nX: {}", "x".repeat(bytes));
    // It may have been refused by now.
    let _refused = connection.send(head.as_bytes());
    connection
}

#[test]
fn unfinished_heads_make_room() {
    let daemon = launch().argument("--max-connections=4").start();
    let mut waiting: Vec<_> = (0..4).map(|_| unfinished(&daemon, 10)).collect();
    assert_eq!(daemon.get("/_ping").text(), "OK");
    let refused = waiting[0].response(false).unwrap();
    assert_eq!(refused.status, 503);
    let message = refused.message();
    assert!(message.contains("--max-connections"), "{message}");
    assert!(waiting[0].is_at_end().unwrap());
    // The last one has kept its place.
    let last = &mut waiting[3];
    last.send(b"\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(last.response(false).unwrap().text(), "OK");
}

#[test]
fn idle_connections_make_room() {
    let daemon = launch().argument("--max-connections=2").start();
    let mut idle = daemon.connect();
    assert_eq!(idle.exchange(&Request::get("/_ping")).unwrap().text(), "OK");
    for _ in 0..20 {
        let mut next = daemon.connect();
        assert_eq!(next.exchange(&Request::get("/_ping")).unwrap().text(), "OK");
        drop(std::mem::replace(&mut idle, next));
    }
}

#[test]
fn a_ping_is_answered_although_all_places_are_taken() {
    let daemon = launch().argument("--max-connections=2").start();
    let (one, other) = (reader(&daemon), reader(&daemon));
    for _ in 0..3 {
        assert_eq!(daemon.get("/_ping").text(), "OK");
    }
    let refused = daemon.get("/images/json");
    assert_eq!(refused.status, 503);
    let message = refused.message();
    assert!(message.contains("all 2 connections"), "{message}");
    assert!(message.contains("--max-connections"), "{message}");
    assert_eq!(refused.header("Connection"), Some("close"));
    drop((one, other));
    eventually("their places are not free", || {
        (daemon.get("/images/json").status == 200).then_some(())
    });
}

#[test]
fn heads_have_a_time() {
    let daemon = launch().argument("--head-timeout=1").start();
    let mut slow = unfinished(&daemon, 10);
    let refused = slow.response(false).unwrap();
    assert_eq!(refused.status, 408);
    assert_eq!(
        refused.message(),
        "the request's head did not end within 1 seconds"
    );
    assert!(slow.is_at_end().unwrap());
}

#[test]
fn unfinished_heads_cost_little() {
    let daemon = launch().start();
    assert_eq!(daemon.get("/_ping").text(), "OK");
    let before = daemon.peak_memory();
    let waiting: Vec<_> = (0..300).map(|_| unfinished(&daemon, 100_000)).collect();
    assert_eq!(daemon.get("/_ping").text(), "OK");
    let more = daemon.peak_memory().saturating_sub(before);
    assert!(more < 32 << 20, "{more} bytes for {} heads", waiting.len());
}

#[test]
fn readers_of_events_have_a_limit() {
    let daemon = launch().argument("--max-event-readers=2").start();
    let (one, _other) = (reader(&daemon), reader(&daemon));
    let refused = daemon.get("/events");
    assert_eq!(refused.status, 503);
    let message = refused.message();
    assert!(message.contains("--max-event-readers"), "{message}");
    drop(one);
    reader(&daemon);
}

#[test]
fn readers_that_read_nothing_cost_little() {
    let daemon = launch().start();
    let image = Image::sample("readers", 1).reconfigured(|config| {
        config["config"]["Labels"]["large"] = "x".repeat(60_000).into();
    });
    let archive = image.docker_archive(&["readers:1"]).finish();
    assert_eq!(daemon.load(&archive).status, 200);
    let _ahead = reader(&daemon);
    let tag = |number: usize| {
        let tagged = daemon.post(&format!("/images/readers:1/tag?repo=readers&tag=t{number}"));
        assert_eq!(tagged.status, 201);
    };
    tag(0);
    let before = daemon.peak_memory();
    let readers: Vec<_> = (0..100).map(|_| reader(&daemon)).collect();
    (0..100).for_each(tag);
    let more = daemon.peak_memory().saturating_sub(before);
    assert!(
        more < 40 << 20,
        "{more} bytes for {} readers",
        readers.len()
    );
}
