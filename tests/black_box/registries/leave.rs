//! A client that disconnects while its image is being staged: the work stops and nothing stays.

use std::time::{Duration, Instant};

use sockerless_testkit::daemon::Backend;
use sockerless_testkit::http::Request;
use sockerless_testkit::proxy::{Fault, FaultProxy};
use sockerless_testkit::registry::Registry;

use super::faults::assert_nothing_stays;
use super::scene::{launch, load, noisy, noisy_archive, zstd_archive};
use crate::disconnect::files;

on_both_backends!(in_an_upload, before_the_manifest, without_progress);

/// The client disconnects once the request is stalled.
fn leaves(backend: Backend, query: &str, archive: &[u8], line: &'static str, after: usize) {
    let registry = Registry::open();
    let proxy = FaultProxy::start(registry.address());
    let daemon = launch(backend, &proxy.host()).start();
    let before = files(&daemon.data_root());
    proxy.inject(Fault::stall_request(line, after));
    let mut connection = daemon.connect();
    let request = Request::post(&format!("/images/load{query}")).body(archive);
    connection.send(&request.to_bytes()).unwrap();
    proxy.wait_for_stall();
    assert_ne!(files(&daemon.data_root()), before, "it is at work");
    drop(connection);
    proxy.wait_until_left();
    let deadline = Instant::now() + Duration::from_secs(60);
    while files(&daemon.data_root()) != before {
        assert!(
            Instant::now() < deadline,
            "{:?}",
            files(&daemon.data_root())
        );
        std::thread::park_timeout(Duration::from_millis(5));
    }
    assert_nothing_stays(&daemon, &before);
    assert!(registry.tags("staging").is_empty());
    // The same archive loads when the client stays to the end.
    load(&daemon, archive);
    assert_eq!(registry.tags("staging").len(), 1);
}

fn in_an_upload(backend: Backend) {
    let archive = zstd_archive(&noisy("leaves"), "leaves.example/upload:1");
    leaves(backend, "?quiet=0", &archive, "PATCH /v2/staging/", 100_000);
}

fn before_the_manifest(backend: Backend) {
    let line = "PUT /v2/staging/manifests/";
    leaves(backend, "?quiet=0", &noisy_archive("leaves"), line, 0);
}

fn without_progress(backend: Backend) {
    let archive = noisy_archive("leaves");
    leaves(backend, "?quiet=1", &archive, "PATCH /v2/staging/", 100_000);
}
