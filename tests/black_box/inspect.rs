//! `GET /images/{name}/json`: the image's own configuration, by API version.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::fixtures;

on_both_backends!(
    whole_configuration,
    by_version,
    bare_configuration,
    sizes,
    list
);

fn loaded(backend: Backend, archive: &[u8]) -> Daemon {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let response = daemon.load(archive);
    assert_eq!(response.status, 200, "{}", response.text());
    daemon
}

fn get(daemon: &Daemon, target: &str) -> Value {
    let response = daemon.get(target);
    assert_eq!(response.status, 200, "{target}: {}", response.text());
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    response.json()
}

/// The whole configuration of a real image.
fn whole_configuration(backend: Backend) {
    let daemon = loaded(backend, &fixtures::read("docker-20.10-tagged.tar"));
    let image = get(&daemon, "/v1.41/images/fixture/helper:x86_64-v18.1/json");
    let config = &image["Config"];
    for (key, expected) in [
        ("User", json!("1000:1000")),
        (
            "Env",
            json!([
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/root",
                "LANG=C.UTF-8"
            ]),
        ),
        ("Cmd", json!(["gitlab-runner-build"])),
        ("Entrypoint", json!(["/usr/bin/dumb-init", "/entrypoint"])),
        ("ExposedPorts", json!({"53/udp": {}, "8080/tcp": {}})),
        ("Volumes", json!({"/cache": {}})),
        ("WorkingDir", json!("/builds")),
        ("OnBuild", json!(["RUN echo hi"])),
        ("StopSignal", json!("SIGINT")),
        (
            "Labels",
            json!({"com.example.tier": "ci, runner", "org.opencontainers.image.title": "helper"}),
        ),
        (
            "Healthcheck",
            json!({"Test": ["CMD", "/bin/true"], "Interval": 30_000_000_000_u64, "Retries": 2}),
        ),
    ] {
        assert_eq!(config[key], expected, "{key}");
    }
    assert_eq!(image["Created"], "2026-11-23T03:14:10.71376828Z");
    assert_eq!(image["DockerVersion"], "20.10.24+dfsg1");
    assert_eq!(image["Architecture"], "amd64");
    assert_eq!(image["Os"], "linux");
    assert_eq!(image["RootFS"]["Type"], "layers");
    let names = json!([
        "fixture/helper:x86_64-v18.1",
        "registry.example.com:5000/group/helper:v18"
    ]);
    assert_eq!(image["RepoTags"], names);
    assert_eq!(image["RepoDigests"], json!([]));
}

/// Which fields each API version shows.
fn by_version(backend: Backend) {
    let daemon = loaded(backend, &fixtures::read("docker-20.10-tagged.tar"));
    let at = |version: &str| {
        get(
            &daemon,
            &format!("/v{version}/images/fixture/helper:x86_64-v18.1/json"),
        )
    };
    for (key, shown_in, hidden_in) in [
        ("VirtualSize", &["1.24", "1.43"][..], &["1.44", "1.55"][..]),
        ("ContainerConfig", &["1.24", "1.44"], &["1.45", "1.55"]),
        ("Container", &["1.24", "1.44"], &["1.45", "1.55"]),
        ("Parent", &["1.24", "1.51"], &["1.52", "1.55"]),
        ("Comment", &["1.24", "1.51"], &["1.52", "1.55"]),
        ("GraphDriver", &["1.24", "1.51"], &[]),
        ("Size", &["1.24", "1.55"], &[]),
        ("Metadata", &["1.41", "1.55"], &[]),
    ] {
        for version in shown_in {
            assert!(
                at(version).get(key).is_some(),
                "{key} is shown in {version}"
            );
        }
        for version in hidden_in {
            assert!(
                at(version).get(key).is_none(),
                "{key} is hidden in {version}"
            );
        }
    }
    for version in ["1.24", "1.49"] {
        let config = &at(version)["Config"];
        for key in [
            "Hostname",
            "Domainname",
            "AttachStdin",
            "Tty",
            "Image",
            "Cmd",
            "Labels",
        ] {
            assert!(
                config.get(key).is_some(),
                "{key} is forced in {version}: {config}"
            );
        }
    }
    let config = &at("1.55")["Config"];
    assert!(
        config.get("Hostname").is_none(),
        "only keys that are set in 1.55: {config}"
    );
}

/// An image with an almost empty configuration.
fn bare_configuration(backend: Backend) {
    let image = Image::sample("bare", 0).reconfigured(|config| {
        *config = json!({"rootfs": {"type": "layers", "diff_ids": []}});
    });
    let daemon = loaded(backend, &image.docker_archive(&["bare:1"]).finish());
    let old = get(&daemon, "/v1.43/images/bare:1/json");
    assert_eq!(old["Id"], image.id());
    assert_eq!(old["Created"], "0001-01-01T00:00:00Z");
    let new = get(&daemon, "/v1.44/images/bare:1/json");
    assert!(new.get("Created").is_none(), "{new}");
}

/// `Size` is the sum of the files in the layers, as the graph driver counts.
fn sizes(backend: Backend) {
    let image = Image::sample("sizes", 3);
    let daemon = loaded(backend, &image.docker_archive(&["sizes:1"]).finish());
    let files: usize = (0..3).map(|n| format!("sizes {n}\n").len()).sum();
    assert_eq!(get(&daemon, "/v1.43/images/sizes:1/json")["Size"], files);
    assert_eq!(
        get(&daemon, "/v1.43/images/sizes:1/json")["VirtualSize"],
        files
    );
    assert_eq!(get(&daemon, "/images/json")[0]["Size"], files);
}

/// `GET /images/json`: newest first, and how each version shows an image without names.
fn list(backend: Backend) {
    let old = Image::sample("list old", 1)
        .reconfigured(|config| config["created"] = json!("2020-01-01T00:00:00Z"));
    let new = Image::sample("list new", 1)
        .reconfigured(|config| config["created"] = json!("2021-01-01T00:00:00Z"));
    let daemon = loaded(backend, &old.docker_archive(&[]).finish());
    assert_eq!(
        daemon
            .load(&new.docker_archive(&["list:1", "list:2"]).finish())
            .status,
        200
    );
    let images = get(&daemon, "/images/json");
    assert_eq!(images[0]["Id"], new.id(), "{images}");
    assert_eq!(images[0]["RepoTags"], json!(["list:1", "list:2"]));
    assert_eq!(images[0]["Created"], 1_609_459_200);
    assert_eq!(images[0]["Labels"], json!({"org.example.seed": "list new"}));
    assert_eq!(images[0]["SharedSize"], -1);
    assert_eq!(images[1]["Id"], old.id(), "{images}");
    assert_eq!(images[1]["RepoTags"], json!([]));
    assert_eq!(images[1]["RepoDigests"], json!([]));
    assert_eq!(images.as_array().map(Vec::len), Some(2));
    let images = get(&daemon, "/v1.42/images/json");
    assert_eq!(images[1]["RepoTags"], json!(["<none>:<none>"]));
    assert_eq!(images[1]["RepoDigests"], json!(["<none>@<none>"]));
}
