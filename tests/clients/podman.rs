//! podman, which unpacks and verifies what it loads. Its remote client speaks an API of its own.

use std::fs;

use serde_json::Value;
use sockerless_testkit::podman::podman;
use sockerless_testkit::tool::SKOPEO;

use crate::saved::save;
use crate::{HELPER, HELPER_NAME, daemon, read, strings};

/// podman loads a saved archive under its ID, and skopeo reads it as either kind of archive.
#[test]
fn loads_what_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.tar");
    let path = path.to_str().unwrap();
    for fixture in [
        "docker-20.10-tagged.tar",
        "docker-29-containerd.tar",
        "podman-4.3-oci-archive.tar",
        "skopeo-1.9-oci-archive-zstd-layers.tar",
    ] {
        let daemon = daemon();
        let loaded = daemon.load(&read(fixture));
        assert_eq!(loaded.status, 200, "{}", loaded.text());
        let listed = daemon.get("/images/json").json();
        let id = listed[0]["Id"].as_str().unwrap();
        assert_eq!(
            daemon
                .post(&format!("/images/{id}/tag?repo=saved/one&tag=1"))
                .status,
            201
        );
        fs::write(path, save(&daemon, &["saved/one:1"])).unwrap();

        podman(folder.path(), &["load", "--quiet", "--input", path]);
        let inspected = podman(folder.path(), &["image", "inspect", "saved/one:1"]);
        let inspected: Value = serde_json::from_slice(&inspected).unwrap();
        assert_eq!(inspected[0]["Id"], id["sha256:".len()..], "{fixture}");
        let layers = daemon.get(&format!("/images/{id}/json")).json();
        assert_eq!(
            strings(&inspected[0]["RootFS"]["Layers"]),
            strings(&layers["RootFS"]["Layers"]),
            "{fixture}"
        );
        podman(folder.path(), &["image", "rm", "--force", "saved/one:1"]);
        for transport in ["docker-archive", "oci-archive"] {
            let from = format!("{transport}:{path}");
            let config = SKOPEO.run(["inspect", "--config", "--raw", &from]);
            assert_eq!(
                sockerless_testkit::digest::of(&config),
                id,
                "{transport} {fixture}"
            );
        }
    }
}

/// An image that podman loads and saves again is the same image.
#[test]
fn and_saves_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("there.tar");
    let first = daemon();
    assert_eq!(first.load(&read("docker-20.10-tagged.tar")).status, 200);
    fs::write(&path, save(&first, &[HELPER_NAME])).unwrap();
    podman(
        folder.path(),
        &["load", "--quiet", "--input", path.to_str().unwrap()],
    );
    let back = folder.path().join("back.tar");
    let to = [
        "--format",
        "docker-archive",
        "--output",
        back.to_str().unwrap(),
    ];
    podman(
        folder.path(),
        &[&["save", "--quiet"], &to[..], &[HELPER_NAME]].concat(),
    );
    let second = daemon();
    let loaded = second.load(&fs::read(&back).unwrap());
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    let found = second.get(&format!("/images/{HELPER}/json"));
    assert_eq!(found.status, 200, "{}", found.text());
}
