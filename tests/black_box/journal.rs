//! The log: one line for each operation, with its request.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Request;

use crate::SOCKERLESS;
use crate::fixtures;

/// The only line of the log with these words. It may be written after the response.
fn line(daemon: &Daemon, words: &str) -> String {
    daemon.wait_for_log(|line| line.contains(words));
    let mut found = lines(daemon, words);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn lines(daemon: &Daemon, words: &str) -> Vec<String> {
    let log = daemon.log();
    let found = log.lines().filter(|line| line.contains(words));
    found.map(str::to_owned).collect()
}

#[test]
fn what_was_done_is_told_once() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    let start = line(&daemon, "sockerless starts");
    let root = daemon.data_root().display().to_string();
    for fact in ["version=", "state=\"sqlite\"", "staging=\"none\"", &root] {
        assert!(start.contains(fact), "{fact}: {start}");
    }

    let fixture = fixtures::all().remove(0);
    let load = Request::post("/images/load").header("X-Request-Id", "load-1");
    let loaded = daemon.request(&load.body(fixture.bytes.clone()));
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    assert_eq!(loaded.header("x-request-id"), Some("load-1"));
    let told = line(&daemon, "images loaded");
    for fact in [
        "INFO",
        "id=load-1",
        "uid=",
        "images=",
        "new_bytes=",
        "milliseconds=",
    ] {
        assert!(told.contains(fact), "{fact}: {told}");
    }

    let id = daemon.get("/images/json").json()[0]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(daemon.get(&format!("/images/{id}/get")).status, 200);
    daemon.wait_for_log(|line| line.contains("images saved") && line.contains("bytes="));
    let removed = daemon.request(&Request::new("DELETE", &format!("/images/{id}?force=1")));
    assert_eq!(removed.status, 200, "{}", removed.text());
    let told = line(&daemon, "image removed");
    assert!(told.contains(&id), "{told}");
    assert_eq!(daemon.post("/images/prune").status, 200);
    line(&daemon, "images pruned");
    let tar = vec![0; 1024];
    let import = Request::post("/images/create?fromSrc=-&repo=a/b&tag=1").body(tar);
    assert_eq!(daemon.request(&import).status, 200);
    let told = line(&daemon, "file system imported");
    assert!(told.contains("a/b:1"), "{told}");
}

/// Errors of clients must not alert the operator of the daemon.
#[test]
fn broken_input_is_a_warning() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    for (request, status) in [
        (Request::post("/images/load").body("no tar at all"), 500),
        (Request::post("/containers/create").body("{"), 400),
        (Request::get("/images/json?filters=x"), 400),
    ] {
        let id = format!("odd-{status}-{}", request.head_bytes().len());
        let answer = daemon.request(&request.header("X-Request-Id", &id));
        assert_eq!(answer.status, status, "{}", answer.text());
        let told = line(&daemon, &id);
        assert!(told.contains("WARN"), "{told}");
    }
    assert!(lines(&daemon, "ERROR").is_empty(), "{}", daemon.log());
}

/// The response has an ID even if the client gave none, or one that is not safe for a log.
#[test]
fn every_request_has_an_id() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    let of = |request: Request| {
        daemon
            .request(&request)
            .header("x-request-id")
            .map(str::to_owned)
    };
    let ids = [
        of(Request::get("/_ping")),
        of(Request::get("/_ping")),
        of(Request::get("/nothing")),
        of(Request::get("/_ping").header("X-Request-Id", "a b")),
    ];
    let mut distinct: Vec<_> = ids.iter().flatten().collect();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    assert!(!distinct.contains(&&"a b".to_owned()), "{ids:?}");
}
