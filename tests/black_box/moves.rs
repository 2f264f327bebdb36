//! A name that pointed elsewhere moves; nothing else changes.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Request;
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::outcome::{inspect, strings, visible};

on_both_backends!(by_load, by_tag, the_same_again, last_of_an_archive);

fn by_load(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (old, new) = (Image::sample("old", 1), Image::sample("new", 1));
    assert_eq!(
        daemon
            .load(&old.docker_archive(&["move:1", "keep:1"]).finish())
            .status,
        200
    );
    assert_eq!(
        daemon
            .load(&new.docker_archive(&["move:1"]).finish())
            .status,
        200
    );
    assert_eq!(inspect(&daemon, "move:1").unwrap()["Id"], new.id());
    assert_eq!(
        strings(&inspect(&daemon, &old.id()).unwrap()["RepoTags"]),
        ["keep:1"]
    );
    // The last name is removed too; the image stays.
    assert_eq!(
        daemon
            .load(&new.docker_archive(&["keep:1"]).finish())
            .status,
        200
    );
    assert!(strings(&inspect(&daemon, &old.id()).unwrap()["RepoTags"]).is_empty());
    assert_eq!(
        strings(&inspect(&daemon, &new.id()).unwrap()["RepoTags"]),
        ["keep:1", "move:1"]
    );
    assert_eq!(visible(&daemon).1, 2);
}

fn by_tag(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (old, new) = (Image::sample("old", 1), Image::sample("new", 1));
    assert_eq!(
        daemon
            .load(&old.docker_archive(&["move:1"]).finish())
            .status,
        200
    );
    assert_eq!(daemon.load(&new.docker_archive(&[]).finish()).status, 200);
    let tag = format!("/images/{}/tag?repo=move&tag=1", new.id());
    assert_eq!(daemon.post(&tag).status, 201);
    assert_eq!(daemon.post(&tag).status, 201);
    assert_eq!(inspect(&daemon, "move:1").unwrap()["Id"], new.id());
    assert!(strings(&inspect(&daemon, &old.id()).unwrap()["RepoTags"]).is_empty());
}

fn the_same_again(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("again", 2);
    let archive = image.docker_archive(&["again:1"]).finish();
    let load = || {
        let response = daemon.request(&Request::post("/images/load?quiet=1").body(archive.clone()));
        assert_eq!(response.status, 200, "{}", response.text());
        response.raw_body
    };
    let first = load();
    let before = (visible(&daemon), inspect(&daemon, "again:1").unwrap());
    assert_eq!(load(), first);
    assert_eq!(
        (visible(&daemon), inspect(&daemon, "again:1").unwrap()),
        before
    );
    // Layers that are here already report no progress.
    let lines = daemon.load(&archive).lines();
    assert!(
        lines.iter().all(|line| line.get("status").is_none()),
        "{lines:?}"
    );
}

/// Two images of one archive claim one name: the last one gets it.
fn last_of_an_archive(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (first, last) = (Image::sample("claims", 1), Image::sample("claims too", 1));
    let item = |image: &Image| {
        serde_json::json!({
            "Config": format!("{}.json", image.hex()),
            "RepoTags": ["claimed:1"],
            "Layers": [format!("{}/layer.tar", image.layers[0].hex())],
        })
    };
    let manifest = serde_json::json!([item(&first), item(&last)]).to_string();
    let archive = first
        .docker_archive(&[])
        .append(last.docker_archive(&[]))
        .file("manifest.json", manifest);
    let response = daemon.load(&archive.finish());
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(inspect(&daemon, "claimed:1").unwrap()["Id"], last.id());
    assert!(strings(&inspect(&daemon, &first.id()).unwrap()["RepoTags"]).is_empty());
}
