//! `POST /images/{name}/tag`.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::outcome::{Faults, inspect, same, strings, visible};

on_both_backends!(
    every_source,
    every_target,
    refused,
    form_body,
    counts_as_tagged
);

fn loaded(backend: Backend) -> (Daemon, Image) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("tag", 1);
    assert_eq!(
        daemon
            .load(&image.docker_archive(&["p/one:1"]).finish())
            .status,
        200
    );
    (daemon, image)
}

fn every_source(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let (id, hex) = (image.id(), image.hex());
    let mut faults = Faults::default();
    let short = format!("sha256:{}", &hex[..10]);
    for (n, source) in [
        &id,
        &hex,
        &hex[..12],
        &short,
        "p/one:1",
        "p%2Fone:1",
        "docker.io/p/one:1",
    ]
    .iter()
    .enumerate()
    {
        let response = daemon.post(&format!("/images/{source}/tag?repo=source&tag={n}"));
        let found = (response.status, response.text());
        faults.note(source, same("tag", found, (201, String::new())));
        let response = daemon.get(&format!("/images/source:{n}/json"));
        faults.note(source, same("inspect", response.status, 200));
    }
    faults.finish();
    // One more name each, and still one image.
    assert_eq!(
        strings(&inspect(&daemon, &id).unwrap()["RepoTags"]).len(),
        8
    );
    assert_eq!(visible(&daemon).1, 1);
}

fn every_target(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let mut faults = Faults::default();
    for (query, name) in [
        ("repo=plain", "plain:latest"),
        ("repo=plain&tag=", "plain:latest"),
        ("repo=plain&tag=2", "plain:2"),
        ("repo=in/repo:3", "in/repo:3"),
        ("repo=in/repo:3&tag=4", "in/repo:4"),
        ("repo=docker.io/library/familiar&tag=1", "familiar:1"),
        ("repo=example.com:5000/a/b&tag=1", "example.com:5000/a/b:1"),
        (
            "repo=example.com%3A5000%2Fa%2Fc&tag=1",
            "example.com:5000/a/c:1",
        ),
        ("repo=localhost/a&tag=V1.0_x-y", "localhost/a:V1.0_x-y"),
    ] {
        let response = daemon.post(&format!("/images/p/one:1/tag?{query}"));
        faults.note(
            query,
            same(
                "tag",
                (response.status, response.text()),
                (201, String::new()),
            ),
        );
        let tags = strings(&inspect(&daemon, &image.id()).unwrap()["RepoTags"]);
        faults.note(query, same("name", tags.contains(&name.to_owned()), true));
    }
    faults.finish();
}

fn refused(backend: Backend) {
    let (daemon, _) = loaded(backend);
    let before = visible(&daemon);
    let hex = "0123456789abcdef".repeat(4);
    let long = "r".repeat(256);
    let long_tag = "t".repeat(129);
    let digest = format!("a@sha256:{hex}");
    let mut faults = Faults::default();
    for (repo, tag, told) in [
        (None, None, None),
        (Some(""), Some("1"), None),
        (
            Some("FOO"),
            None,
            Some("invalid reference format: repository name (library/FOO) must be lowercase"),
        ),
        (Some("foo bar"), None, Some("invalid reference format")),
        (Some("a:b:c"), None, Some("invalid reference format")),
        (Some("a"), Some("bad tag"), Some("invalid tag format")),
        (Some("a"), Some("-x"), Some("invalid tag format")),
        (
            Some("a"),
            Some(long_tag.as_str()),
            Some("invalid tag format"),
        ),
        (
            Some(digest.as_str()),
            None,
            Some("cannot import digest reference"),
        ),
        (
            Some("sha256"),
            None,
            Some("refusing to create an ambiguous tag using digest algorithm as name"),
        ),
        (
            Some(hex.as_str()),
            None,
            Some("cannot specify 64-byte hexadecimal strings"),
        ),
        (
            Some(long.as_str()),
            None,
            Some("repository name must not be more than 255 characters"),
        ),
    ] {
        let mut query = Vec::new();
        query.extend(repo.map(|repo| format!("repo={}", escaped(repo))));
        query.extend(tag.map(|tag| format!("tag={}", escaped(tag))));
        let response = daemon.post(&format!("/images/p/one:1/tag?{}", query.join("&")));
        let case = format!("{repo:?} {tag:?}");
        faults.note(&case, same("status", response.status, 400));
        if response.status == 400 {
            let message = response.message();
            let fits = told.map_or(!message.is_empty(), |told| message.contains(told));
            faults.note(&case, same(&message, fits, true));
        }
    }
    faults.note("afterwards", same("images", visible(&daemon), before));
    faults.finish();
}

/// Docker accepts the parameters in a form too.
fn form_body(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let request = Request::post("/images/p/one:1/tag")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("repo=from%2Fform&tag=1");
    let response = daemon.request(&request);
    assert_eq!((response.status, response.text()), (201, String::new()));
    assert_eq!(inspect(&daemon, "from/form:1").unwrap()["Id"], image.id());
}

/// A load leaves `LastTagTime` at Go's zero time; a tag sets it.
fn counts_as_tagged(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let before = inspect(&daemon, &image.id()).unwrap();
    assert_eq!(before["Metadata"]["LastTagTime"], "0001-01-01T00:00:00Z");
    assert_eq!(daemon.post("/images/p/one:1/tag?repo=again").status, 201);
    let after = inspect(&daemon, &image.id()).unwrap();
    let time = after["Metadata"]["LastTagTime"].as_str().expect("a time");
    assert!(time > "2020" && time.ends_with('Z'), "{time}");
}
