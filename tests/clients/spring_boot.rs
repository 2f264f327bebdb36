//! Spring Boot's image builder.

use serde_json::{Value, json};
use sockerless_testkit::digest;
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::{Image, bytes};

use crate::saved::{files, plain, save};
use crate::{HELPER, HELPER_NAME, daemon, daemon_with_images, read, strings};

/// Its first request; the version is in the header, and it uses it in every path from then on.
#[test]
fn ping() {
    let daemon = daemon();
    let pong = daemon.request(&Request::head("/_ping"));
    let version = pong.header("API-Version").expect("a version").to_owned();
    assert_eq!(daemon.get(&format!("/v{version}/images/json")).status, 200);
}

/// The builder image: the last message must have a text, none an error; then it is inspected by its
/// name, made a container of, and removed by force.
#[test]
fn builder() {
    let daemon = daemon();
    let image = Image::sample("builder", 2);
    let archive = image
        .docker_archive(&["pack.local/builder:0123456789"])
        .finish();
    let load = Request::post("/v1.50/images/load").header("Content-Type", "application/x-tar");
    let loaded = daemon.request(&load.chunked(vec![archive]));
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    let lines = loaded.lines();
    assert!(
        lines.iter().all(|line| line.get("errorDetail").is_none()),
        "{lines:?}"
    );
    let last = lines.last().and_then(|line| line["stream"].as_str());
    assert!(
        last.is_some_and(|text| !text.trim().is_empty()),
        "{lines:?}"
    );

    let inspect = daemon
        .get("/v1.50/images/pack.local/builder:0123456789/json")
        .json();
    assert_eq!(inspect["RootFS"]["Layers"], json!(image.diff_ids()));
    assert_eq!(
        (&inspect["Os"], &inspect["Architecture"]),
        (&json!("linux"), &json!("amd64"))
    );
    let create = json!({
        "User": "root", "Image": "pack.local/builder:0123456789",
        "Cmd": ["/cnb/lifecycle/creator", "-app", "/workspace"],
        "Env": ["CNB_PLATFORM_API=0.12"], "Labels": {"author": "spring-boot"},
        "HostConfig": {"NetworkMode": "host", "Binds": ["pack-layers:/layers"], "SecurityOpt": ["label=disable"]},
    });
    let create = Request::post("/v1.50/containers/create?platform=linux%2Famd64")
        .header("Content-Type", "application/json")
        .body(bytes(&create));
    let created = daemon.request(&create);
    assert_eq!(created.status, 201, "{}", created.text());
    let id = created.json()["Id"].as_str().expect("an ID").to_owned();
    let remove = Request::new("DELETE", &format!("/v1.50/containers/{id}?force=1"));
    assert_eq!(daemon.request(&remove).status, 204);
    let remove = Request::new(
        "DELETE",
        "/v1.50/images/pack.local/builder:0123456789?force=1",
    );
    let removed = daemon.request(&remove);
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert_eq!(daemon.get("/info").json()["Images"], 0);
}

/// A buildpack that is an image: `index.json` is preferred, one index in it is followed, and the
/// suffix of a media type gives the compression. A layer that is named twice is an error.
#[test]
fn buildpack_layers() {
    let daemon = daemon_with_images();
    for kind in ["gzip", "zstd"] {
        let loaded = daemon.load(&read(&format!("skopeo-1.9-oci-archive-{kind}-layers.tar")));
        let line = loaded.streams().pop().expect("a line");
        let id = line.trim_end().rsplit_once(' ').expect("an ID").1;
        assert_eq!(exported(&save(&daemon, &[id])), diff_ids(&daemon, id));
    }
    let path = format!("/images/{}/get", escaped(HELPER_NAME));
    assert_eq!(exported(&daemon.get(&path).body), diff_ids(&daemon, HELPER));
}

fn diff_ids(daemon: &sockerless_testkit::daemon::Daemon, name: &str) -> Vec<String> {
    let mut ids = strings(&daemon.get(&format!("/images/{name}/json")).json()["RootFS"]["Layers"]);
    ids.sort();
    ids
}

/// The digests of the layers without their compression, in no order.
fn exported(archive: &[u8]) -> Vec<String> {
    let files = files(archive);
    let json = |name: &str| -> Value { serde_json::from_slice(&files[name]).unwrap() };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap();
        format!("blobs/{}", digest.replace(':', "/"))
    };
    let is = |descriptor: &Value, kind: &str| {
        let media_type = descriptor["mediaType"].as_str().unwrap();
        media_type.starts_with(&format!("application/vnd.oci.image.{kind}.v"))
    };
    let top = json("index.json")["manifests"].as_array().unwrap().clone();
    let mut manifests = top.clone();
    for index in top.iter().filter(|descriptor| is(descriptor, "index")) {
        manifests.extend(json(&blob(index))["manifests"].as_array().unwrap().clone());
    }
    let mut layers = Vec::new();
    for manifest in manifests
        .iter()
        .filter(|descriptor| is(descriptor, "manifest"))
    {
        for layer in json(&blob(manifest))["layers"].as_array().unwrap() {
            let bytes = &files[&blob(layer)];
            let media_type = layer["mediaType"].as_str().unwrap();
            let compressed = media_type.ends_with("gzip") || media_type.ends_with("zstd");
            assert_eq!(crate::saved::is_compressed(bytes), compressed, "{layer}");
            layers.push(digest::of(&plain(bytes)));
        }
    }
    layers.sort();
    let named = layers.len();
    layers.dedup();
    assert_eq!(layers.len(), named, "a layer is named twice");
    layers
}
