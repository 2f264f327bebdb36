//! `Sockerless.PullReference`: the reference that a serverless backend runs.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::registry::Registry;
use sockerless_testkit::tool::SKOPEO;

use super::{create, create_of, delete, get, inspect, post};
use crate::SOCKERLESS;
use crate::fixtures;

on_both_backends!(staged, pulled, pushed);

const ARCHIVE: &str = "skopeo-1.9-oci-archive-gzip-layers.tar";
const MANIFEST: &str = "sha256:dac56865a0b13376292864ba5d7c6154651cf6b45bf741989f9eb328f7fca8a7";
const MULTI: &str = "podman-4.3-multi-platform-oci-archive.tar";
const ARM_MANIFEST: &str =
    "sha256:28be747d9810d9f476f03e69ba8956bb9257e91973006ac1e90c050f3efe59d3";

fn load(daemon: &Daemon, archive: &str) {
    let response = daemon.load(&fixtures::read(archive));
    assert_eq!(response.status, 200, "{}", response.text());
}

/// Copies a fixture into a registry.
fn put(archive: &str, name: &str) {
    let from = format!("oci-archive:{}", fixtures::path(archive).display());
    let to = format!("docker://{name}");
    let flags = [
        "--insecure-policy",
        "copy",
        "--quiet",
        "--all",
        "--dest-tls-verify=false",
    ];
    SKOPEO.run(flags.iter().copied().chain([from.as_str(), to.as_str()]));
}

fn pull_reference(daemon: &Daemon, name: &str) -> Value {
    let container = inspect(daemon, name);
    let extension = container["Sockerless"].as_object().expect("an object");
    assert_eq!(extension.len(), 1);
    container["Sockerless"]["PullReference"].clone()
}

/// The ID of the only image.
fn image_id(daemon: &Daemon) -> String {
    let images = get(daemon, "/images/json");
    assert_eq!(images.as_array().map(Vec::len), Some(1), "{images}");
    images[0]["Id"].as_str().expect("an ID").to_owned()
}

fn staged(backend: Backend) {
    let registry = Registry::open();
    let host = registry.host();
    let daemon = Launch::new(SOCKERLESS, backend)
        .argument("--staging")
        .argument(format!("{host}/staging"))
        .start();
    load(&daemon, ARCHIVE);
    let id = image_id(&daemon);
    create_of(&daemon, &id, "one");
    let reference = format!("{host}/staging@{MANIFEST}");
    assert_eq!(pull_reference(&daemon, "one"), reference);
    let (_, manifest) = registry.manifest("staging", MANIFEST).expect("it is there");
    assert_eq!(sockerless_testkit::digest::of(&manifest), MANIFEST);
    // It still exists when the image was removed here.
    assert_eq!(
        delete(&daemon, &format!("/images/{id}?force=1")).status,
        200
    );
    assert_eq!(pull_reference(&daemon, "one"), reference);
}

fn pulled(backend: Backend) {
    let registry = Registry::open();
    let host = registry.host();
    put(ARCHIVE, &format!("{host}/team/app:1"));
    put(MULTI, &format!("{host}/team/multi:1"));
    let daemon = Daemon::start(SOCKERLESS, backend);
    for name in ["team/app&tag=1", "team/multi&tag=1&platform=linux/arm64"] {
        let response = daemon.post(&format!("/images/create?fromImage={host}/{name}"));
        assert_eq!(response.status, 200, "{}", response.text());
    }
    create_of(&daemon, &format!("{host}/team/app:1"), "one");
    assert_eq!(
        pull_reference(&daemon, "one"),
        format!("{host}/team/app@{MANIFEST}")
    );
    // For an index it is the manifest of the container's platform.
    let body = json!({ "Image": format!("{host}/team/multi:1"), "Cmd": ["run"] });
    let target = "/containers/create?name=arm&platform=linux/arm64";
    assert_eq!(post(&daemon, target, &body).status, 201);
    assert_eq!(
        pull_reference(&daemon, "arm"),
        format!("{host}/team/multi@{ARM_MANIFEST}")
    );
}

/// A loaded image is in no registry until it is pushed.
fn pushed(backend: Backend) {
    let registry = Registry::open();
    let host = registry.host();
    let daemon = Daemon::start(SOCKERLESS, backend);
    put(ARCHIVE, &format!("{host}/from:1"));
    let response = daemon.post(&format!("/images/create?fromImage={host}/from&tag=1"));
    assert_eq!(response.status, 200, "{}", response.text());
    let tagged = daemon.post(&format!("/images/{host}/from:1/tag?repo={host}/to&tag=2"));
    assert_eq!(tagged.status, 201);
    let name = format!("{host}/to:2");
    create(&daemon, "one", &json!({ "Image": name }));
    assert_eq!(
        pull_reference(&daemon, "one"),
        format!("{host}/from@{MANIFEST}")
    );
    let response = daemon.post(&format!("/images/{host}/to/push?tag=2"));
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(
        !response.text().contains("errorDetail"),
        "{}",
        response.text()
    );
    assert_eq!(
        pull_reference(&daemon, "one"),
        format!("{host}/to@{MANIFEST}")
    );
}
