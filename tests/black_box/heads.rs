//! Heads of requests: which are refused, with a message; which Docker accepts.

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Address, Connection, Request, Response};
use sockerless_testkit::image::Image;
use sockerless_testkit::sample::Expected;

use crate::SOCKERLESS;
use crate::outcome::check;

fn daemon() -> Daemon {
    Launch::new(SOCKERLESS, Backend::Memory).with_tcp().start()
}

/// Sends raw bytes, and reads the only response until the daemon closes.
fn only_answer(address: &Address, bytes: &[u8]) -> Response {
    let mut connection = Connection::open(address).unwrap();
    connection.send(bytes).unwrap();
    let response = connection.response(false).unwrap();
    assert!(connection.is_at_end().unwrap(), "the connection is closed");
    response
}

#[test]
fn refused_heads_have_a_json_body() {
    let daemon = daemon();
    let get = |headers: &str| format!("GET /_ping HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let long = "x".repeat(70_000);
    let large = format!("X-Large: {}\r\n", "x".repeat(200_000));
    let many = "X-Many: x\r\n".repeat(200);
    for (bytes, status, message) in [
        ("GET /_ping HTTP/1.1\nHost: x\n\n".to_owned(), 400, "CR LF"),
        (
            "GET /_ping HTTP/1.1\r\nHost: x\n\r\n".to_owned(),
            400,
            "CR LF",
        ),
        (get("Host: y\r\n"), 400, "too many Host headers"),
        (
            get("Transfer-Encoding: gzip, chunked\r\n"),
            400,
            "unsupported transfer encoding \"gzip, chunked\"",
        ),
        (
            get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
            400,
            "both Content-Length and Transfer-Encoding",
        ),
        (
            get("Content-Length: 3\r\nContent-Length: 4\r\n"),
            400,
            "bad Content-Length",
        ),
        (get("Content-Length: -1\r\n"), 400, "bad Content-Length"),
        (get("no colon\r\n"), 400, "no valid HTTP"),
        (get("a: b\r\n c\r\n"), 400, "no valid HTTP"),
        ("hello\r\n\r\n".to_owned(), 400, "METHOD TARGET HTTP/1.1"),
        ("GET / HTTP/3.0\r\n\r\n".to_owned(), 505, "send HTTP/1.1"),
        (
            "GET /a\u{7f} HTTP/1.1\r\n\r\n".to_owned(),
            400,
            "invalid control character in URL",
        ),
        ("\u{16}\u{3}\u{1}".to_owned(), 400, "no valid HTTP"),
        (
            format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
            414,
            "longer than 65534 bytes",
        ),
        (get(&large), 431, "--max-head-bytes"),
        (get(&many), 431, "more than 100 headers"),
    ] {
        for address in [daemon.address(), daemon.tcp_address()] {
            let response = only_answer(&address, bytes.as_bytes());
            let begin = &bytes[..bytes.len().min(60)];
            assert_eq!(response.status, status, "{begin:?}: {}", response.text());
            assert_eq!(response.header("Content-Type"), Some("application/json"));
            let found = response.message();
            assert!(found.contains(message), "{begin:?}: {found}");
        }
    }
    assert_eq!(daemon.get("/_ping").text(), "OK");
}

#[test]
fn raw_characters_in_a_query_mean_themselves() {
    let daemon = daemon();
    let image = Image::sample("raw", 1).reconfigured(|config| {
        config["config"]["Labels"]["a<b>|\\^`"] = "\"ü\"".into();
    });
    let archive = image.docker_archive(&["raw:1"]).finish();
    assert_eq!(daemon.load(&archive).status, 200);
    for (filters, count) in [
        (r#"{"label":["a<b>|\\^`"]}"#, 1),
        (r#"{"label":["a<b>|\\^`=\"ü\""]}"#, 1),
        (r#"{"label":["a<b>|\\^`=other"]}"#, 0),
    ] {
        let response = daemon.get(&format!("/images/json?filters={filters}"));
        assert_eq!(response.status, 200, "{filters}: {}", response.text());
        let images = response.json();
        assert_eq!(images.as_array().map(Vec::len), Some(count), "{filters}");
    }
    // A hash begins no fragment, as in Go.
    let response = daemon.get("/images/raw#x/json");
    assert_eq!(response.status, 400);
    assert_eq!(response.message(), "invalid reference format");
}

#[test]
fn whoever_only_sends_nothing_more_gets_the_answer() {
    let daemon = daemon();
    let image = Image::sample("half", 2);
    let archive = image.docker_archive(&["half:1"]).finish();
    for address in [daemon.address(), daemon.tcp_address()] {
        for request in [
            Request::post("/images/load?quiet=1").body(archive.clone()),
            Request::post("/images/load?quiet=0").chunked(vec![archive.clone()]),
        ] {
            let mut connection = Connection::open(&address).unwrap();
            connection.send(&request.to_bytes()).unwrap();
            connection.finish_sending();
            let response = connection.response(false).unwrap();
            let expected = [Expected::new(&image, &["half:1"])];
            check(&daemon, &response, &expected).unwrap();
            assert!(connection.is_at_end().unwrap());
        }
        for target in ["/images/json", "/system/df", "/events?until=1", "/_ping"] {
            let mut connection = Connection::open(&address).unwrap();
            connection.send(&Request::get(target).to_bytes()).unwrap();
            connection.finish_sending();
            assert_eq!(connection.response(false).unwrap().status, 200, "{target}");
            assert!(connection.is_at_end().unwrap(), "{target}");
        }
    }
}

#[test]
fn a_body_that_ends_early_is_no_whole_request() {
    let daemon = daemon();
    let request = Request::post("/images/load").body(vec![0; 4096]).to_bytes();
    let mut connection = daemon.connect();
    connection.send(&request[..request.len() - 1]).unwrap();
    connection.finish_sending();
    let response = connection.response(false).unwrap();
    assert_eq!(response.status, 400);
    let message = response.message();
    assert!(message.contains("ended early"), "{message}");
    assert!(connection.is_at_end().unwrap());
    daemon.wait_for_log(|line| line.contains("/images/load") && line.contains("ended early"));
}

#[test]
fn requests_may_follow_each_other_at_once() {
    let daemon = daemon();
    let image = Image::sample("pipeline", 1);
    let archive = image.docker_archive(&["pipeline:1"]).finish();
    let mut bytes = b"\r\n".to_vec();
    for request in [
        Request::get("/_ping"),
        Request::post("/images/load?quiet=1").body(archive.clone()),
        Request::post("/images/load?quiet=1").chunked(vec![archive]),
        Request::get("/images/pipeline:1/json"),
        Request::head("/_ping"),
    ] {
        bytes.extend(request.to_bytes());
    }
    bytes.extend(b"GET /\"one\" HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\nGET /_ping");
    for size in [1, 7, bytes.len()] {
        let mut connection = daemon.connect();
        for piece in bytes.chunks(size) {
            connection.send(piece).unwrap();
        }
        for is_head in [false, false, false, false, true] {
            let response = connection.response(is_head).unwrap();
            assert_eq!(response.status, 200, "{}", response.text());
        }
        let refused = connection.response(false).unwrap();
        assert_eq!(refused.status, 400);
        assert!(refused.message().contains("Host"), "{}", refused.text());
        assert!(connection.is_at_end().unwrap(), "nothing follows that");
    }
}

#[test]
fn a_long_name_is_not_repeated_whole() {
    let daemon = daemon();
    let name = "A".repeat(1 << 20);
    let archive = Image::sample("long", 1).docker_archive(&[&name]).finish();
    let container = format!(r#"{{"Image":"{name}"}}"#);
    for response in [
        daemon.load(&archive),
        daemon.request(
            &Request::new("POST", "/containers/create")
                .header("Content-Type", "application/json")
                .body(container),
        ),
        daemon.request(
            &Request::post("/images/create")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(format!("fromImage={name}")),
        ),
    ] {
        assert!(response.status >= 400, "{}", response.status);
        let message = response.message();
        assert!(message.len() < 4096, "{} bytes", message.len());
        assert!(message.contains("AAA"), "{message}");
    }
    assert!(daemon.log().len() < 32 << 10, "nor in the log");
}
