//! The requests of Testcontainers in its languages before its first container; and act, which runs
//! the workflows of GitHub.

use serde_json::json;
use sockerless_testkit::http::Request;
use sockerless_testkit::image::{Image, bytes};

use crate::saved::{files, save};
use crate::{BASE_NAME, HELPER_NAME, daemon, daemon_with_images, strings};

#[test]
fn java() {
    let daemon = daemon();
    assert_eq!(daemon.get("/_ping").text(), "OK");
    let version = daemon.get("/version").json();
    assert_eq!(version["ApiVersion"], "1.55");
    let info = daemon.get("/v1.44/info").json();
    for key in ["ServerVersion", "OperatingSystem", "OSType", "Architecture"] {
        assert!(
            info[key].as_str().is_some_and(|it| !it.is_empty()),
            "{key}: {info}"
        );
    }
    assert!(
        info["MemTotal"].as_u64().is_some_and(|bytes| bytes > 0),
        "{info}"
    );
    let networks = daemon.get("/v1.44/networks");
    assert!(networks.json().is_array(), "{}", networks.text());
}

/// It requests the default registry, and recognizes a missing image by the message.
#[test]
fn node() {
    let daemon = daemon();
    let info = daemon.get("/info").json();
    assert_eq!(info["IndexServerAddress"], "https://index.docker.io/v1/");
    let missing = daemon.get("/images/testcontainers%2Fryuk%3A0.14.0/json");
    assert_eq!(missing.status, 404);
    assert!(missing.message().to_lowercase().contains("no such image"));
}

/// It lists images to save, and saves several images into one file.
#[test]
fn go() {
    let daemon = daemon_with_images();
    let list = daemon.get("/images/json").json();
    let mut names: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|image| strings(&image["RepoTags"]))
        .collect();
    names.sort();
    assert_eq!(names, [BASE_NAME, HELPER_NAME]);
    let saved = files(&save(&daemon, &[BASE_NAME, HELPER_NAME]));
    let manifest: serde_json::Value = serde_json::from_slice(&saved["manifest.json"]).unwrap();
    assert_eq!(manifest.as_array().map(Vec::len), Some(2));
}

/// act compares the version, reads the platform of the machine and of images, reads progress line by
/// line in a buffer of 64 KiB, and removes by force.
#[test]
fn act() {
    let daemon = daemon();
    let version = daemon.get("/version").json();
    let minor = version["ApiVersion"]
        .as_str()
        .and_then(|it| it.strip_prefix("1."));
    assert!(
        minor
            .and_then(|it| it.parse::<u32>().ok())
            .is_some_and(|minor| minor >= 41)
    );
    let image = Image::sample("act", 30);
    let loaded = daemon.load(&image.docker_archive(&["act/runner:1"]).finish());
    assert!(loaded.text().lines().all(|line| line.len() < 64 * 1024));
    let found = daemon.get("/images/act/runner:1/json").json();
    assert_eq!(
        (&found["Os"], &found["Architecture"]),
        (&json!("linux"), &json!("amd64"))
    );
    let create = json!({"Image": "act/runner:1", "Entrypoint": ["tail", "-f", "/dev/null"], "WorkingDir": "/src"});
    let create = Request::post("/containers/create?name=act-test&platform=linux%2Famd64")
        .header("Content-Type", "application/json")
        .body(bytes(&create));
    let created = daemon.request(&create);
    assert_eq!(created.status, 201, "{}", created.text());
    let listed = daemon.get("/containers/json?all=1").json();
    assert_eq!(listed[0]["Names"], json!(["/act-test"]));
    let remove = Request::new("DELETE", "/containers/act-test?v=1&force=1");
    assert_eq!(daemon.request(&remove).status, 204);
    let remove = Request::new("DELETE", "/images/act%2Frunner%3A1?force=1");
    assert_eq!(daemon.request(&remove).status, 200);
}
