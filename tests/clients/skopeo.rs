//! skopeo's transport `docker-daemon:`. Before version 1.14.2 it asks for API 1.22.

use std::path::Path;

use serde_json::Value;
use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::digest;
use sockerless_testkit::tool::SKOPEO;

use crate::saved::files;
use crate::{HELPER, HELPER_NAME, daemon, daemon_with_images, fixtures, strings};

fn copy(arguments: &[&str]) {
    SKOPEO.run([&["--insecure-policy", "copy", "--quiet"], arguments].concat());
}

fn host(daemon: &Daemon) -> String {
    format!("unix://{}", daemon.socket().display())
}

fn count(daemon: &Daemon) -> Option<usize> {
    daemon.get("/images/json").json().as_array().map(Vec::len)
}

/// Out of one daemon, into a file, and into another one: the same image.
#[test]
fn out_and_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copied.tar");
    let archive = format!("docker-archive:{}", path.display());
    let first = daemon_with_images();
    let name = format!("docker-daemon:{HELPER_NAME}");
    copy(&["--src-daemon-host", &host(&first), &name, &archive]);
    let copied = files(&std::fs::read(&path).unwrap());
    let config = format!("{}.json", &HELPER[7..]);
    assert_eq!(digest::of(&copied[&config]), HELPER);

    let second = daemon();
    let name = "docker-daemon:again/helper:2";
    copy(&["--dest-daemon-host", &host(&second), &archive, name]);
    let found = second.get("/images/again/helper:2/json").json();
    assert_eq!(found["Id"], HELPER);
    assert_eq!(strings(&found["RootFS"]["Layers"]).len(), 4);
    assert_eq!(count(&second), Some(1));
}

/// By its ID into an OCI layout, whose configuration and layers it writes again.
#[test]
fn by_id() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon_with_images();
    let to = format!("oci:{}:helper", folder.path().display());
    let from = format!("docker-daemon:{HELPER}");
    copy(&["--src-daemon-host", &host(&daemon), &from, &to]);
    let config = "36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd";
    assert!(exists(folder.path(), config));
}

fn exists(layout: &Path, blob: &str) -> bool {
    layout.join("blobs/sha256").join(blob).exists()
}

/// From daemon to daemon, with no file between.
#[test]
fn from_daemon_to_daemon() {
    let (first, second) = (daemon(), daemon());
    let archive = fixtures().join("podman-4.3-oci-archive.tar");
    let archive = format!("oci-archive:{}", archive.display());
    let name = "docker-daemon:skopeo/helper:1";
    copy(&["--dest-daemon-host", &host(&first), &archive, name]);
    let hosts = [
        "--src-daemon-host",
        &host(&first),
        "--dest-daemon-host",
        &host(&second),
    ];
    copy(&[&hosts[..], &[name, name]].concat());
    let id = |daemon: &Daemon| {
        let found = daemon.get("/images/skopeo/helper:1/json").json();
        found["Id"].as_str().expect("an ID").to_owned()
    };
    assert_eq!(id(&first), id(&second));
}

#[test]
fn inspect() {
    let daemon = daemon_with_images();
    let name = format!("docker-daemon:{HELPER_NAME}");
    let inspect = |options: &[&str]| {
        let host = host(&daemon);
        SKOPEO.run([&["inspect"], options, &["--daemon-host", &host, &name]].concat())
    };
    let inspected: Value = serde_json::from_slice(&inspect(&[])).unwrap();
    assert_eq!(inspected["Os"], "linux");
    assert_eq!(inspected["Architecture"], "amd64");
    assert_eq!(
        inspected["Labels"]["org.opencontainers.image.title"],
        "helper"
    );
    assert_eq!(strings(&inspected["Layers"]).len(), 4);
    assert_eq!(digest::of(&inspect(&["--config", "--raw"])), HELPER);
}
