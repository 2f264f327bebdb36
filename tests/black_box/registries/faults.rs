//! Connections that break: every load still succeeds, or fails with one error and leaves nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::proxy::{Fault, FaultProxy};
use sockerless_testkit::registry::Registry;

use super::puller::skopeo;
use super::scene::{failure, launch, load, load_quietly, noisy, noisy_archive, staged, staging_at};
use crate::disconnect::files;
use crate::outcome::visible;

/// Each fault breaks one connection of a separate load, which still succeeds.
fn survives(seed: &str, faults: impl IntoIterator<Item = Fault>) {
    let registry = Registry::open();
    let proxy = FaultProxy::start(registry.address());
    let daemon = staging_at(&proxy.host());
    for (number, fault) in faults.into_iter().enumerate() {
        let case = format!("{seed}-{number}");
        proxy.inject(fault.clone());
        let loaded = load(&daemon, &noisy_archive(&case));
        assert_eq!(proxy.pending(), 0, "{case} {fault:?} did not happen");
        let image = noisy(&case);
        let digest = staged(&loaded, &proxy.host(), &image.id()).unwrap();
        let pulled = skopeo(&format!("{}/staging@{digest}", registry.host()));
        assert_eq!(pulled.id, image.id(), "{case} {fault:?}");
        assert_eq!(pulled.diff_ids, image.diff_ids(), "{case} {fault:?}");
    }
}

/// In the head, at the beginning of the body, in the middle of it and near its end.
#[test]
fn uploads_that_are_cut() {
    let bytes = [0, 1, 100, 700, 65_536, 200_000, 300_000];
    survives(
        "upload",
        bytes.map(|bytes| Fault::cut_request("PATCH /v2/staging/", bytes)),
    );
}

#[test]
fn other_requests_that_are_cut() {
    survives(
        "request",
        [
            Fault::cut_request("POST /v2/staging/", 10),
            Fault::cut_request("PUT /v2/staging/blobs/", 50),
            Fault::cut_request("HEAD /v2/staging/", 20),
            Fault::cut_request("PUT /v2/staging/manifests/sha256:", 0),
            Fault::cut_request("PUT /v2/staging/manifests/sha256:", 600),
            Fault::cut_request("PUT /v2/staging/manifests/sha256-", 600),
        ],
    );
}

/// The registry did the request, but the reply was lost.
#[test]
fn replies_that_are_cut() {
    survives(
        "reply",
        [
            Fault::cut_reply("PATCH /v2/staging/", 0),
            Fault::cut_reply("PATCH /v2/staging/", 40),
            Fault::cut_reply("POST /v2/staging/", 0),
            Fault::cut_reply("PUT /v2/staging/blobs/", 0),
            Fault::cut_reply("HEAD /v2/staging/", 15),
            Fault::cut_reply("PUT /v2/staging/manifests/sha256:", 0),
            Fault::cut_reply("PUT /v2/staging/manifests/sha256-", 0),
        ],
    );
}

/// Blobs that are read back from the registry are complete or refused.
#[test]
fn downloads_that_are_cut() {
    let (registry, other) = (Registry::open(), Registry::open());
    let proxy = FaultProxy::start(registry.address());
    let daemon = launch(Backend::Memory, &proxy.host()).start();
    load(&daemon, &noisy_archive("download"));
    let name = format!("{}/copy", other.host());
    let tag = format!("/images/download:1/tag?repo={name}&tag=1");
    assert_eq!(daemon.post(&tag).status, 201);
    for bytes in [0, 30, 5_000, 250_000] {
        proxy.inject(Fault::cut_reply("GET /v2/staging/blobs/", bytes));
    }
    let response = daemon.post(&format!("/images/{name}/push?tag=1"));
    let text = response.text();
    assert!(!text.contains("errorDetail"), "{text}");
    assert_eq!(proxy.pending(), 0, "{:?}", proxy.requests());
    let pulled = skopeo(&format!("{name}:1"));
    assert_eq!(pulled.diff_ids, noisy("download").diff_ids());
}

/// Every connection ends in the middle of an upload, and the next one is to another process.
#[test]
fn a_registry_that_is_restarted() {
    let mut registry = Registry::open();
    let proxy = FaultProxy::start(registry.address());
    let daemon = staging_at(&proxy.host());
    load(&daemon, &noisy_archive("before"));
    proxy.inject(Fault::stall_request("PATCH /v2/staging/", 100_000));
    let archive = noisy_archive("during");
    let loaded = std::thread::scope(|scope| {
        let loading = scope.spawn(|| daemon.load(&archive));
        proxy.wait_for_stall();
        proxy.disconnect();
        registry.restart();
        proxy.connect(registry.address());
        loading.join().expect("an answer")
    });
    assert_eq!(loaded.streams().len(), 2, "{}", loaded.text());
    let loaded = load(&daemon, &noisy_archive("after"));
    let image = noisy("after");
    let digest = staged(&loaded, &proxy.host(), &image.id()).unwrap();
    assert_eq!(registry.tags("staging").len(), 3);
    let pulled = skopeo(&format!("{}/staging@{digest}", registry.host()));
    assert_eq!(pulled.id, image.id());
}

/// Without a registry a load ends with one error that names it, and leaves nothing; with the
/// registry back it succeeds.
pub(super) fn a_registry_that_is_down() {
    let registry = Registry::open();
    let proxy = FaultProxy::start(registry.address());
    proxy.disconnect();
    let daemon = staging_at(&proxy.host());
    let before = files(&daemon.data_root());
    let archive = noisy_archive("down");
    let response = load_quietly(&daemon, &archive);
    let message = failure(&response);
    assert!(
        message.contains(&format!("{}/staging", proxy.host())),
        "{message}"
    );
    assert_nothing_stays(&daemon, &before);
    proxy.connect(registry.address());
    load(&daemon, &archive);
    assert_eq!(registry.tags("staging").len(), 1);
}

/// Asserts that there are no images and no new files.
pub(super) fn assert_nothing_stays(daemon: &Daemon, before: &BTreeSet<PathBuf>) {
    assert_eq!(visible(daemon), (json!([]), json!(0)));
    let after = files(&daemon.data_root());
    let left: Vec<_> = after.difference(before).collect();
    assert!(left.is_empty(), "{left:?}");
}
