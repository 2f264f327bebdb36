//! The body of a load in all the forms in which clients send it.

use sockerless_testkit::compress::{self, Compression};
use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Connection, Request};
use sockerless_testkit::image::Image;
use sockerless_testkit::sample::Expected;

use crate::SOCKERLESS;
use crate::outcome::{Faults, check};

on_both_backends!(
    content_types,
    expect_continue,
    every_chunking,
    every_compression,
    over_tcp,
    keeps_the_connection,
    closes_with_an_error,
);

fn sample(seed: &str) -> (Vec<u8>, [Expected; 1]) {
    let image = Image::sample(seed, 2);
    let archive = image.docker_archive(&["body:1"]).finish();
    (archive, [Expected::new(&image, &["body:1"])])
}

fn content_types(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (archive, expected) = sample("content types");
    let mut faults = Faults::default();
    for kind in [
        None,
        Some("application/x-tar"),
        Some("application/octet-stream"),
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("nonsense"),
        Some(""),
    ] {
        let request = Request::post("/v1.41/images/load");
        let request = match kind {
            Some(kind) => request.header("Content-Type", kind),
            None => request,
        };
        let sized = daemon.request(&request.clone().body(archive.clone()));
        faults.note(
            &format!("{kind:?} with a length"),
            check(&daemon, &sized, &expected),
        );
        let parts = archive.chunks(700).map(<[u8]>::to_vec).collect();
        let chunked = daemon.request(&request.chunked(parts));
        faults.note(
            &format!("{kind:?} in chunks"),
            check(&daemon, &chunked, &expected),
        );
    }
    faults.finish();
}

fn expect_continue(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (archive, expected) = sample("expect");
    for request in [
        Request::post("/images/load").body(archive.clone()),
        Request::post("/images/load").chunked(vec![archive.clone()]),
    ] {
        let request = request.header("Expect", "100-continue");
        let mut connection = daemon.connect();
        connection.send(&request.head_bytes()).unwrap();
        let interim = connection.head().unwrap();
        assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
        connection.send(&request.body_bytes()).unwrap();
        check(&daemon, &connection.response(false).unwrap(), &expected).unwrap();
    }
}

fn every_chunking(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (archive, expected) = sample("chunking");
    let mut faults = Faults::default();
    for size in [1, 2, 3, 7, 511, 512, 513, 1023, 4096, archive.len()] {
        let parts = archive.chunks(size).map(<[u8]>::to_vec).collect();
        let response = daemon.request(&Request::post("/images/load").chunked(parts));
        faults.note(
            &format!("chunks of {size}"),
            check(&daemon, &response, &expected),
        );
    }
    for at in (1..archive.len()).step_by(61) {
        let parts = vec![archive[..at].to_vec(), archive[at..].to_vec()];
        let response = daemon.request(&Request::post("/images/load").chunked(parts));
        faults.note(
            &format!("cut at {at}"),
            check(&daemon, &response, &expected),
        );
    }
    faults.finish();
}

fn every_compression(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (archive, expected) = sample("compression");
    let mut faults = Faults::default();
    let mut bodies: Vec<(String, Vec<u8>)> = Vec::new();
    for compression in Compression::ALL {
        bodies.push((format!("{compression:?}"), compression.compress(&archive)));
        let parts = compress::in_parts(compression, &archive, 9);
        bodies.push((format!("{compression:?} in parts"), parts));
    }
    let mut skippable = compress::zstd_skippable(b"");
    skippable.extend(compress::zstd(&archive[..1000]));
    skippable.extend(compress::zstd_skippable(&[0x1f; 3000]));
    skippable.extend(compress::zstd(&archive[1000..]));
    bodies.push(("zstd between skippable frames".to_owned(), skippable));
    for (case, body) in bodies {
        for size in [1, 5, body.len()] {
            let parts = body.chunks(size).map(<[u8]>::to_vec).collect();
            let response = daemon.request(&Request::post("/images/load").chunked(parts));
            let case = format!("{case}, chunks of {size}");
            faults.note(&case, check(&daemon, &response, &expected));
        }
    }
    faults.finish();
}

fn over_tcp(backend: Backend) {
    let daemon = Launch::new(SOCKERLESS, backend).with_tcp().start();
    let (archive, expected) = sample("tcp");
    let mut connection = Connection::open(&daemon.tcp_address()).unwrap();
    let request = Request::post("/images/load").body(archive);
    let response = connection.exchange(&request).unwrap();
    check(&daemon, &response, &expected).unwrap();
}

/// A load that was read to its end leaves the connection for the next request.
fn keeps_the_connection(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (mut archive, expected) = sample("keep-alive");
    archive.extend([0; 100_000]);
    let mut connection = daemon.connect();
    for _ in 0..3 {
        let request = Request::post("/images/load").body(archive.clone());
        check(&daemon, &connection.exchange(&request).unwrap(), &expected).unwrap();
        assert_eq!(
            connection.exchange(&Request::get("/_ping")).unwrap().text(),
            "OK"
        );
    }
}

/// A client that is still sending when the fault is found still gets the response.
fn closes_with_an_error(backend: Backend) {
    let daemon = Launch::new(SOCKERLESS, backend).with_tcp().start();
    let mut garbage = b"this is no header ".repeat(100);
    garbage.resize(32 << 20, b'x');
    for address in [daemon.address(), daemon.tcp_address()] {
        let mut connection = Connection::open(&address).unwrap();
        let request = Request::post("/images/load").body(garbage.clone());
        let response = connection
            .exchange(&request)
            .unwrap_or_else(|error| panic!("no answer over {address:?}: {error}"));
        assert_eq!(response.status, 500, "{address:?}");
        assert!(!response.message().is_empty(), "{address:?}");
    }
}
