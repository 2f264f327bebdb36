//! `docker push`.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::registry::Registry;

use super::puller::skopeo;
use super::scene::{load, staging_at};
use crate::SOCKERLESS;
use crate::docker_cli::Docker;
use crate::fixtures;

const HELPER: &str = "fixture/helper:x86_64-v18.1";

fn helper() -> Docker {
    let docker = Docker::with(Daemon::start(SOCKERLESS, Backend::Sqlite));
    docker.load(&fixtures::path("docker-20.10-tagged.tar"));
    docker
}

/// The digest in the last line of a push.
fn pushed(output: &str) -> &str {
    let line = output.lines().last().expect("a line");
    let (_, rest) = line
        .split_once("digest: ")
        .unwrap_or_else(|| panic!("{output}"));
    rest.split(' ').next().expect("a digest")
}

#[test]
fn one_tag() {
    let registry = Registry::open();
    let docker = helper();
    let repository = format!("{}/team/app", registry.host());
    let name = format!("{repository}:1");
    docker.run(&["tag", HELPER, &name]);
    let output = docker.run(&["push", &name]);
    let first = output.lines().next().expect("a line");
    assert_eq!(
        first,
        format!("The push refers to repository [{repository}]")
    );
    for layer in [
        "e08ed0434edd",
        "f7dcf83d0525",
        "fba339556c84",
        "4447c25109b1",
    ] {
        assert!(output.contains(&format!("{layer}: Pushed")), "{output}");
    }
    let digest = pushed(&output);
    let (_, manifest) = registry.manifest("team/app", "1").expect("a manifest");
    let last = format!("1: digest: {digest} size: {}", manifest.len());
    assert_eq!(output.lines().last(), Some(last.as_str()));
    assert_eq!(sockerless_testkit::digest::of(&manifest), digest);

    let id = docker.run(&["image", "inspect", "-f", "{{.Id}}", HELPER]);
    assert_eq!(skopeo(&name).id, id.trim());
    let digests = docker.run(&["image", "inspect", "-f", "{{json .RepoDigests}}", HELPER]);
    assert_eq!(digests.trim(), format!(r#"["{repository}@{digest}"]"#));

    let again = docker.run(&["push", &name]);
    assert_eq!(again.matches("Layer already exists").count(), 4, "{again}");
    assert_eq!(pushed(&again), digest);
}

#[test]
fn all_tags() {
    let registry = Registry::open();
    let docker = helper();
    let repository = format!("{}/team/all", registry.host());
    for tag in ["1", "2", "latest"] {
        docker.run(&["tag", HELPER, &format!("{repository}:{tag}")]);
    }
    docker.run(&["push", "--all-tags", &repository]);
    let mut tags = registry.tags("team/all");
    tags.sort();
    assert_eq!(tags, ["1", "2", "latest"]);
    let stderr = docker.fail(&["push", &format!("{repository}:3")]);
    assert!(
        stderr.contains(&format!("tag does not exist: {repository}:3")),
        "{stderr}"
    );
    let none = format!("{}/team/none", registry.host());
    let stderr = docker.fail(&["push", "--all-tags", &none]);
    let words = format!("An image does not exist locally with the tag: {none}");
    assert!(stderr.contains(&words), "{stderr}");
}

/// OCI images keep their manifest: a single one, or an index with everything in it.
#[test]
fn digests_survive() {
    let registry = Registry::open();
    let docker = Docker::with(Daemon::start(SOCKERLESS, Backend::Sqlite));
    for (archive, image) in [
        (
            "podman-4.3-oci-archive.tar",
            "localhost/fixture/helper:x86_64-v18.1",
        ),
        (
            "podman-4.3-multi-platform-oci-archive.tar",
            "fixture/multi:1",
        ),
    ] {
        let bytes = fixtures::read(archive);
        docker.load(&fixtures::path(archive));
        let name = format!("{}/kept:1", registry.host());
        docker.run(&["tag", image, &name]);
        let output = docker.run(&["push", &name]);
        let digest = pushed(&output);
        let (_, manifest) = registry.manifest("kept", "1").expect("a manifest");
        assert_eq!(sockerless_testkit::digest::of(&manifest), digest);
        let index = sockerless_testkit::tar::Tar::parse(&bytes);
        let index = String::from_utf8_lossy(index.content("index.json").expect("an index"));
        assert!(index.contains(digest), "{archive}: {digest} in {index}");
    }
}

/// Layers that are pushed unchanged report their total size, so that clients draw a bar.
#[test]
fn totals() {
    let registry = Registry::open();
    let docker = Docker::with(Daemon::start(SOCKERLESS, Backend::Sqlite));
    docker.load(&fixtures::path("podman-4.3-oci-archive.tar"));
    let name = format!("{}/bars:1", registry.host());
    docker.run(&["tag", "localhost/fixture/helper:x86_64-v18.1", &name]);
    let response = docker.daemon.post(&format!("/images/{name}/push"));
    let lines = response.lines();
    let pushing: Vec<&Value> = lines
        .iter()
        .filter(|line| line["status"] == "Pushing")
        .collect();
    assert!(!pushing.is_empty(), "{lines:?}");
    for line in pushing {
        let detail = &line["progressDetail"];
        let (current, total) = (detail["current"].as_u64(), detail["total"].as_u64());
        assert!(total.is_some() && current <= total, "{line}");
    }
    // The last two lines are for people and for programs.
    let (_, manifest) = registry.manifest("bars", "1").expect("a manifest");
    let (digest, size) = (sockerless_testkit::digest::of(&manifest), manifest.len());
    assert_eq!(
        lines[lines.len() - 2..],
        [
            json!({"status": format!("1: digest: {digest} size: {size}")}),
            json!({"progressDetail": {}, "aux": {"Tag": "1", "Digest": digest, "Size": size}}),
        ]
    );
}

/// Blobs that another repository of the same registry has are mounted.
#[test]
fn from_the_staging_repository() {
    let registry = Registry::open();
    let docker = Docker::with(staging_at(&registry.host()));
    load(&docker.daemon, &fixtures::read("docker-20.10-tagged.tar"));
    let name = format!("{}/mounted:1", registry.host());
    docker.run(&["tag", HELPER, &name]);
    let output = docker.run(&["push", &name]);
    assert_eq!(
        output.matches("Mounted from staging").count(),
        4,
        "{output}"
    );
    assert_eq!(skopeo(&name).diff_ids.len(), 4);
}

/// Invalid names are a status: no line was sent yet.
#[test]
fn bad_names() {
    let registry = Registry::open();
    let docker = helper();
    let digest = format!("{}/a@sha256:{}", registry.host(), "0".repeat(64));
    for (target, words) in [
        (
            format!("/images/{digest}/push"),
            "cannot push a digest reference",
        ),
        ("/images/Upper/push".to_owned(), "must be lowercase"),
        (
            format!("/images/{}/a/push?tag=.", registry.host()),
            "invalid tag format",
        ),
    ] {
        let response = docker.daemon.post(&target);
        assert_eq!(response.status, 400, "{target}: {}", response.text());
        assert!(response.message().contains(words), "{}", response.text());
    }
}
