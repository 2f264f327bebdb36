//! docker-java, and how Testcontainers for Java reads a pull through it.

use std::collections::BTreeSet;

use serde_json::Value;
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::Image;
use sockerless_testkit::registry::Registry;
use sockerless_testkit::tool::SKOPEO;

use crate::{daemon, fixtures};

/// A pull has succeeded when the last message reports that; the first one must have a status.
/// Pending layers are those that were announced and are not complete.
#[test]
fn pull() {
    let registry = Registry::open();
    let archive = fixtures().join("skopeo-1.9-oci-archive-gzip-layers.tar");
    SKOPEO.run([
        "--insecure-policy",
        "copy",
        "--quiet",
        "--dest-tls-verify=false",
        &format!("oci-archive:{}", archive.display()),
        &format!("docker://{}/team/app:1", registry.host()),
    ]);
    let daemon = daemon();
    let image = escaped(&format!("{}/team/app", registry.host()));
    let target = format!("/images/create?fromImage={image}&tag=1");
    for platform in ["", "&platform=linux%2Famd64"] {
        let pulled = daemon.post(&format!("{target}{platform}"));
        assert_eq!(pulled.status, 200, "{}", pulled.text());
        let lines = pulled.lines();
        assert!(lines[0]["status"].is_string(), "{lines:?}");
        let last = lines
            .last()
            .and_then(|line| line["status"].as_str())
            .expect("a status");
        let ends = [
            "Downloaded newer image",
            "Image is up to date",
            "Download complete",
        ];
        assert!(ends.iter().any(|end| last.contains(end)), "{lines:?}");
        assert_eq!(left(&lines), BTreeSet::new(), "{lines:?}");
    }
    // A missing image must not look like an existing one.
    let missing = daemon.post(&format!("/images/create?fromImage={image}&tag=2"));
    assert_eq!(missing.status, 404, "{}", missing.text());
}

/// The layers that Testcontainers still waits for at the end; it only sees messages with details.
fn left(lines: &[Value]) -> BTreeSet<&str> {
    let mut left = BTreeSet::new();
    for line in lines {
        let status = line["status"].as_str().expect("a status");
        let Some(layer) = line["id"]
            .as_str()
            .filter(|_| !status.starts_with("Pulling from"))
        else {
            continue;
        };
        assert!(line["progressDetail"].is_object(), "{line}");
        match status {
            "Pulling fs layer" => drop(left.insert(layer)),
            "Download complete" | "Already exists" | "Pull complete" => drop(left.remove(layer)),
            _ => {}
        }
    }
    left
}

/// jib through Testcontainers uses the last message with these words, and fails without one.
#[test]
fn load() {
    let daemon = daemon();
    let archive = Image::sample("jib", 2)
        .docker_archive(&["jib/app:1", "jib/app:2"])
        .finish();
    let load = Request::post("/images/load").header("Content-Type", "application/octet-stream");
    let loaded = daemon.request(&load.chunked(vec![archive]));
    let lines = loaded.lines();
    let mut loaded = lines.iter().filter_map(|line| line["stream"].as_str());
    let last = loaded.rfind(|text| text.contains("Loaded image:"));
    assert_eq!(last, Some("Loaded image: jib/app:2\n"));
    // `aux` is an object of three fields that may be absent; a size must fit 32 bits.
    for aux in lines.iter().filter_map(|line| line.get("aux")) {
        assert!(aux.is_object() && aux.get("Size").is_none(), "{aux}");
    }
}
