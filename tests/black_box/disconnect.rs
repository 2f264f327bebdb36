//! A client that disconnects in the middle of an upload leaves nothing behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Request;
use sockerless_testkit::image::{Image, Layer};
use sockerless_testkit::tar::Tar;

use crate::SOCKERLESS;
use crate::outcome::visible;

on_both_backends!(
    in_chunks,
    with_a_length,
    but_the_last_byte,
    after_the_answer_was_due
);

/// An image whose layer is larger than every buffer between client and daemon.
fn image() -> Image {
    let content: Vec<u8> = (0..8_u32 << 20)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let layer = Layer {
        tar: Tar::new().file("large", content).finish(),
    };
    Image::with_layers("disconnect", vec![layer])
}

/// Every file below `folder`, without the temporary ones of SQLite.
pub(crate) fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // A folder may be removed while it is being read.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !["-wal", "-shm", "-journal"]
                .iter()
                .any(|end| path.to_string_lossy().ends_with(end))
            {
                found.insert(path);
            }
        }
    }
    found
}

fn leaves_nothing(backend: Backend, request: &[u8], sent: usize) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let first = Image::sample("stays", 1);
    assert_eq!(
        daemon
            .load(&first.docker_archive(&["stays:1"]).finish())
            .status,
        200
    );
    let (files_before, before) = (files(&daemon.data_root()), visible(&daemon));
    let mut connection = daemon.connect();
    connection.send(&request[..sent]).unwrap();
    drop(connection);
    let deadline = Instant::now() + Duration::from_secs(60);
    daemon.wait_for_log(|line| line.contains("/images/load") && line.contains("ended early"));
    while files(&daemon.data_root()) != files_before {
        let left: Vec<PathBuf> = files(&daemon.data_root())
            .difference(&files_before)
            .cloned()
            .collect();
        assert!(
            Instant::now() < deadline,
            "left: {left:?}\n{}",
            daemon.log()
        );
        std::thread::park_timeout(Duration::from_millis(5));
    }
    assert_eq!(visible(&daemon), before);
    // The same archive loads when the client stays to the end.
    let image = image();
    assert_eq!(
        daemon
            .load(&image.docker_archive(&["whole:1"]).finish())
            .status,
        200
    );
}

fn in_chunks(backend: Backend) {
    let archive = image().docker_archive(&["gone:1"]).finish();
    let parts = archive.chunks(100_000).map(<[u8]>::to_vec).collect();
    let request = Request::post("/images/load").chunked(parts).to_bytes();
    leaves_nothing(backend, &request, request.len() / 2);
}

fn with_a_length(backend: Backend) {
    let request = Request::post("/images/load").body(image().docker_archive(&["gone:1"]).finish());
    let request = request.to_bytes();
    leaves_nothing(backend, &request, request.len() / 2);
}

/// Everything but the last byte of the body.
fn but_the_last_byte(backend: Backend) {
    let request = Request::post("/images/load").body(image().docker_archive(&["gone:1"]).finish());
    let request = request.to_bytes();
    leaves_nothing(backend, &request, request.len() - 1);
}

/// A client that does not wait for the response, like nomad: the image is still loaded.
fn after_the_answer_was_due(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = image();
    let mut connection = daemon.connect();
    let request = Request::post("/images/load").body(image.docker_archive(&["nomad:1"]).finish());
    connection.send(&request.to_bytes()).unwrap();
    let head = connection.head().unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    drop(connection);
    // The head of the response means that it is committed.
    assert_eq!(daemon.get("/images/nomad:1/json").status, 200);
}
