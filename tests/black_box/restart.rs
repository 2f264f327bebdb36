//! With SQLite a restart loses nothing, however the daemon ended.

use serde_json::Value;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::fixtures;
use crate::outcome::{inspect, visible};

const NAMES: [&str; 4] = [
    "fixture/helper:x86_64-v18.1",
    "fixture/multi:1",
    "after/tag:1",
    "localhost/fixture/helper:x86_64-v18.1",
];

fn filled() -> Daemon {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    for fixture in fixtures::all() {
        let response = daemon.load(&fixture.bytes);
        assert_eq!(
            response.status,
            200,
            "{}: {}",
            fixture.name,
            response.text()
        );
    }
    assert_eq!(
        daemon
            .post("/images/fixture/base:1/tag?repo=after/tag&tag=1")
            .status,
        201
    );
    daemon
}

fn seen(daemon: &Daemon) -> ((Value, Value), Vec<Value>) {
    let images = NAMES
        .iter()
        .map(|name| inspect(daemon, name).unwrap())
        .collect();
    (visible(daemon), images)
}

#[test]
fn after_sigterm() {
    let daemon = filled();
    let before = seen(&daemon);
    let daemon = daemon.restart();
    assert_eq!(seen(&daemon), before);
}

#[test]
fn after_a_crash() {
    let daemon = filled();
    let before = seen(&daemon);
    let daemon = daemon.crash_and_restart();
    assert_eq!(seen(&daemon), before);
}

/// Layers that were verified before the restart still complete an archive that omits them.
#[test]
fn layers_are_still_known() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    let image = Image::sample("known", 2);
    assert_eq!(daemon.load(&image.docker_archive(&[]).finish()).status, 200);
    let daemon = daemon.restart();
    let next = Image::with_layers("built on it", image.layers);
    let config = format!("{}.json", next.hex());
    let item = serde_json::json!([
        {"Config": config, "RepoTags": ["next:1"], "Layers": ["blank_0", "blank_1"]}
    ]);
    let archive = sockerless_testkit::tar::Tar::new()
        .file(&config, &next.config)
        .file("manifest.json", item.to_string());
    let response = daemon.load(&archive.finish());
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(inspect(&daemon, "next:1").unwrap()["Id"], next.id());
}

/// The memory backend starts empty.
#[test]
fn memory_forgets() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    let image = Image::sample("forgotten", 1);
    assert_eq!(
        daemon
            .load(&image.docker_archive(&["forgotten:1"]).finish())
            .status,
        200
    );
    let daemon = daemon.restart();
    assert_eq!(daemon.get("/images/forgotten:1/json").status, 404);
    assert_eq!(visible(&daemon).1, 0);
}
