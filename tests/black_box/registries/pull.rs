//! `docker pull`, and `GET /distribution`.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Request;
use sockerless_testkit::registry::Registry;
use sockerless_testkit::tool::SKOPEO;

use super::puller::skopeo;
use crate::SOCKERLESS;
use crate::docker_cli::Docker;
use crate::fixtures;
use crate::outcome::visible;

on_both_backends!(
    by_tag,
    all_tags,
    by_digest,
    of_what_is_missing,
    a_platform,
    distribution
);

const OCI: &str = "skopeo-1.9-oci-archive-gzip-layers.tar";
const OCI_ID: &str = "sha256:36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd";
const OCI_DIGEST: &str = "sha256:dac56865a0b13376292864ba5d7c6154651cf6b45bf741989f9eb328f7fca8a7";

/// Puts a fixture into a registry with skopeo.
fn put(registry: &Registry, archive: &str, name: &str) {
    let from = format!("oci-archive:{}", fixtures::path(archive).display());
    let to = format!("docker://{}/{name}", registry.host());
    SKOPEO.run([
        "--insecure-policy",
        "copy",
        "--quiet",
        "--all",
        "--dest-tls-verify=false",
        &from,
        &to,
    ]);
}

fn docker(backend: Backend) -> Docker {
    Docker::with(Daemon::start(SOCKERLESS, backend))
}

fn by_tag(backend: Backend) {
    let registry = Registry::open();
    put(&registry, OCI, "team/app:1");
    let docker = docker(backend);
    let name = format!("{}/team/app:1", registry.host());
    let first = docker.run(&["pull", &name]);
    let lines: Vec<&str> = first.lines().collect();
    assert_eq!(lines[0], "1: Pulling from team/app", "{first}");
    for step in ["Pulling fs layer", "Pull complete"] {
        assert_eq!(first.matches(step).count(), 4, "{first}");
    }
    let end = |status: &str| {
        [
            format!("Digest: {OCI_DIGEST}"),
            format!("Status: {status} for {name}"),
            name.clone(),
        ]
    };
    assert_eq!(lines[lines.len() - 3..], end("Downloaded newer image"));
    let again = docker.run(&["pull", &name]);
    let lines: Vec<&str> = again.lines().collect();
    assert_eq!(again.matches("Already exists").count(), 4, "{again}");
    assert_eq!(lines[lines.len() - 3..], end("Image is up to date"));

    let format = "{{.Id}} {{json .RepoTags}} {{json .RepoDigests}}";
    let inspected = docker.run(&["image", "inspect", "-f", format, &name]);
    let repository = format!("{}/team/app", registry.host());
    let expected = format!(r#"{OCI_ID} ["{name}"] ["{repository}@{OCI_DIGEST}"]"#);
    assert_eq!(inspected.trim(), expected);
    let row = "{{.Repository}} {{.Tag}} {{.Digest}}";
    let row = docker.run(&["images", "--digests", "--format", row]);
    assert_eq!(row.trim(), format!("{repository} 1 {OCI_DIGEST}"));

    // Its layers are fetched when they are needed.
    let onward = format!("{}/onward:2", registry.host());
    docker.run(&["tag", &name, &onward]);
    docker.run(&["push", &onward]);
    assert_eq!(skopeo(&onward).id, OCI_ID);
}

/// A pushed image that is pulled again is up to date, and still one image.
#[test]
fn after_a_push() {
    let registry = Registry::open();
    let docker = docker(Backend::Sqlite);
    docker.load(&fixtures::path("docker-20.10-tagged.tar"));
    let name = format!("{}/team/back:1", registry.host());
    docker.run(&["tag", "fixture/helper:x86_64-v18.1", &name]);
    docker.run(&["push", &name]);
    let before = docker.run(&["images", "--quiet", "--no-trunc"]);
    let pulled = docker.run(&["pull", &name]);
    assert!(
        pulled.contains(&format!("Status: Image is up to date for {name}")),
        "{pulled}"
    );
    assert_eq!(docker.run(&["images", "--quiet", "--no-trunc"]), before);
    assert_eq!(visible(&docker.daemon).1, 1);
}

/// Load and pull give the same kind of thing: the same image once, under both names.
#[test]
fn of_what_was_loaded() {
    let registry = Registry::open();
    put(&registry, OCI, "team/app:1");
    let docker = docker(Backend::Sqlite);
    docker.load(&fixtures::path(OCI));
    let name = format!("{}/team/app:1", registry.host());
    docker.run(&["pull", &name]);
    assert_eq!(visible(&docker.daemon).1, 1);
    let id = docker.run(&["image", "inspect", "-f", "{{.Id}}", &name]);
    assert_eq!(id.trim(), OCI_ID);
}

fn all_tags(backend: Backend) {
    let registry = Registry::open();
    for tag in ["a", "b", "c"] {
        put(&registry, OCI, &format!("team/app:{tag}"));
    }
    let docker = docker(backend);
    let repository = format!("{}/team/app", registry.host());
    let output = docker.run(&["pull", "--all-tags", &repository]);
    assert_eq!(
        output.matches(": Pulling from team/app").count(),
        3,
        "{output}"
    );
    let tags = docker.run(&["images", "--format", "{{.Tag}}"]);
    let mut tags: Vec<&str> = tags.lines().collect();
    tags.sort_unstable();
    assert_eq!(tags, ["a", "b", "c"]);
}

fn by_digest(backend: Backend) {
    let registry = Registry::open();
    put(&registry, OCI, "team/app:1");
    let docker = docker(backend);
    let name = format!("{}/team/app@{OCI_DIGEST}", registry.host());
    let output = docker.run(&["pull", &name]);
    let first = output.lines().next().expect("a line");
    assert_eq!(
        first,
        format!("{}: Pulling from team/app", &name[name.len() - 71..])
    );
    let format = "{{.Id}} {{json .RepoTags}} {{json .RepoDigests}}";
    let inspected = docker.run(&["image", "inspect", "-f", format, &name]);
    assert_eq!(inspected.trim(), format!(r#"{OCI_ID} [] ["{name}"]"#));
}

fn of_what_is_missing(backend: Backend) {
    let registry = Registry::open();
    put(&registry, OCI, "team/app:1");
    let docker = docker(backend);
    let host = registry.host();
    for (from, tag, shown) in [
        ("team/app", "2", "team/app:2".to_owned()),
        ("team/none", "1", "team/none:1".to_owned()),
        (
            "team/app",
            &format!("sha256:{}", "0".repeat(64)),
            format!("team/app@sha256:{}", "0".repeat(64)),
        ),
    ] {
        let target = format!("/images/create?fromImage={host}/{from}&tag={tag}");
        let response = docker.daemon.post(&target);
        let words =
            format!("manifest for {host}/{shown} not found: manifest unknown: manifest unknown");
        assert_eq!((response.status, response.message()), (404, words.clone()));
        let stderr = docker.fail(&["pull", &format!("{host}/{shown}")]);
        assert_eq!(
            stderr.trim(),
            format!("Error response from daemon: {words}")
        );
    }
    // All tags of a repository that is not there.
    let target = format!("/images/create?fromImage={host}/team/none");
    assert_eq!(docker.daemon.post(&target).status, 404);
    let response = docker.daemon.post("/images/create?fromImage=scratch&tag=1");
    assert_eq!(response.status, 403);
    assert_eq!(response.message(), "'scratch' is a reserved name");
    let response = docker.daemon.post("/images/create?fromImage=UPPER&tag=1");
    assert_eq!(response.status, 400);
    assert_eq!(visible(&docker.daemon).1, 0);
}

fn a_platform(backend: Backend) {
    let registry = Registry::open();
    put(
        &registry,
        "podman-4.3-multi-platform-oci-archive.tar",
        "multi:1",
    );
    let docker = docker(backend);
    let name = format!("{}/multi:1", registry.host());
    docker.run(&["pull", "--platform", "linux/arm64", &name]);
    let architecture = docker.run(&["image", "inspect", "-f", "{{.Architecture}}", &name]);
    assert_eq!(architecture.trim(), "arm64");
    docker.run(&["pull", "--platform", "linux/amd64", &name]);
    let architecture = docker.run(&["image", "inspect", "-f", "{{.Architecture}}", &name]);
    assert_eq!(architecture.trim(), "amd64");
    let stderr = docker.fail(&["pull", "--platform", "linux/s390x", &name]);
    assert!(
        stderr.contains("no matching manifest for linux/s390x in the manifest list entries"),
        "{stderr}"
    );
}

fn distribution(backend: Backend) {
    let registry = Registry::open();
    put(&registry, OCI, "team/app:1");
    put(
        &registry,
        "podman-4.3-multi-platform-oci-archive.tar",
        "multi:1",
    );
    let daemon = Daemon::start(SOCKERLESS, backend);
    let host = registry.host();
    let (media_type, manifest) = registry.manifest("team/app", "1").expect("a manifest");
    for name in ["team/app:1", &format!("team/app@{OCI_DIGEST}")] {
        let found = daemon
            .get(&format!("/distribution/{host}/{name}/json"))
            .json();
        let expected = serde_json::json!({
            "Descriptor": {
                "mediaType": media_type, "digest": OCI_DIGEST, "size": manifest.len(),
            },
            "Platforms": [{"architecture": "amd64", "os": "linux"}],
        });
        assert_eq!(found, expected);
    }
    let found = daemon
        .get(&format!("/distribution/{host}/multi:1/json"))
        .json();
    let platforms = found["Platforms"].as_array().expect("platforms");
    let architectures: Vec<_> = platforms
        .iter()
        .filter_map(|platform| platform["architecture"].as_str())
        .collect();
    assert_eq!(architectures, ["amd64", "arm64"]);
    assert_eq!(visible(&daemon).1, 0);
    for name in ["team/app:2", "team/none:1"] {
        let request = Request::get(&format!("/distribution/{host}/{name}/json"));
        let response = daemon.request(&request);
        assert_eq!(response.status, 404, "{}", response.text());
        assert!(
            response.message().contains("manifest unknown"),
            "{}",
            response.text()
        );
    }
    assert_eq!(daemon.get("/distribution/UPPER/json").status, 400);
}
