//! Images for several platforms.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::Image;
use sockerless_testkit::layout::{Blob, Layout, index, named, with};

use crate::SOCKERLESS;
use crate::fixtures;
use crate::outcome::{inspect, strings, visible};

on_both_backends!(
    the_fixture,
    the_daemon_has_another_platform,
    only_the_platform_asked_for,
    a_platform_that_is_not_there,
    a_platform_that_is_none,
    docker_archive_of_another_platform,
);

const AMD: &str = "sha256:82c41f71b19473d8095b5f2f9e36428eaa61ad9f737e689d244353faad375a9c";
const ARM: &str = "sha256:595b19eef05d8907c1062dabce34885a82feac46f50fddb3dfaa6ab3032f3853";
const AMD_MANIFEST: &str =
    "sha256:d391903af53dbfbcbd37e73f3168c95912ccaf8fe452f98181a99af4fb7c218d";
const ARM_MANIFEST: &str =
    "sha256:28be747d9810d9f476f03e69ba8956bb9257e91973006ac1e90c050f3efe59d3";
const INDEX: &str = "sha256:3627012151c03341139aa14506fa77e31a48f618c71e7ad33e7da72d0a5ccbbf";

fn platform(architecture: &str) -> String {
    escaped(&json!({"os": "linux", "architecture": architecture}).to_string())
}

fn get(daemon: &Daemon, target: &str) -> Value {
    let response = daemon.get(target);
    assert_eq!(response.status, 200, "{target}: {}", response.text());
    response.json()
}

fn the_fixture(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let response = daemon.load(&fixtures::read("podman-4.3-multi-platform-oci-archive.tar"));
    assert_eq!(response.status, 200, "{}", response.text());
    let last = format!("Loaded image ID: {AMD}\n");
    assert_eq!(
        response.streams(),
        ["Loaded image: fixture/multi:1\n".to_owned(), last]
    );
    for name in ["fixture/multi:1", AMD, AMD_MANIFEST, INDEX] {
        let image = inspect(&daemon, name).unwrap();
        assert_eq!(image["Architecture"], "amd64", "{name}");
        assert_eq!(image["Id"], AMD, "{name}");
        assert_eq!(strings(&image["RepoTags"]), ["fixture/multi:1"], "{name}");
    }
    for name in [ARM, ARM_MANIFEST, &ARM["sha256:".len()..]] {
        let image = inspect(&daemon, name).unwrap();
        assert_eq!(image["Architecture"], "arm64", "{name}");
    }
    for (asked, found) in [("amd64", "amd64"), ("arm64", "arm64")] {
        let target = format!(
            "/v1.49/images/fixture/multi:1/json?platform={}",
            platform(asked)
        );
        assert_eq!(get(&daemon, &target)["Architecture"], found);
    }
    // One image, whatever the number of its platforms.
    assert_eq!(visible(&daemon).1, 1);
    let target = format!(
        "/v1.49/images/fixture/multi:1/json?platform={}",
        platform("s390x")
    );
    let response = daemon.get(&target);
    assert_eq!(response.status, 404, "{}", response.text());
    assert!(
        response.message().contains("linux/s390x"),
        "{}",
        response.message()
    );
    // Older versions do not know the parameter.
    let target = format!(
        "/v1.48/images/fixture/multi:1/json?platform={}",
        platform("s390x")
    );
    assert_eq!(get(&daemon, &target)["Architecture"], "amd64");
}

fn the_daemon_has_another_platform(backend: Backend) {
    let daemon = Launch::new(SOCKERLESS, backend)
        .argument("--platform")
        .argument("linux/arm64")
        .start();
    let response = daemon.load(&fixtures::read("podman-4.3-multi-platform-oci-archive.tar"));
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(
        response
            .streams()
            .contains(&format!("Loaded image ID: {ARM}\n"))
    );
    assert_eq!(
        inspect(&daemon, "fixture/multi:1").unwrap()["Architecture"],
        "arm64"
    );
    assert_eq!(inspect(&daemon, AMD).unwrap()["Architecture"], "amd64");
}

fn only_the_platform_asked_for(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let archive = fixtures::read("podman-4.3-multi-platform-oci-archive.tar");
    let load = format!("/v1.48/images/load?quiet=1&platform={}", platform("arm64"));
    let response = daemon.request(&Request::post(&load).body(archive));
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(
        response
            .streams()
            .contains(&format!("Loaded image ID: {ARM}\n"))
    );
    assert_eq!(
        inspect(&daemon, "fixture/multi:1").unwrap()["Architecture"],
        "arm64"
    );
    assert!(inspect(&daemon, AMD).is_err());
}

fn a_platform_that_is_not_there(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let archive = fixtures::read("podman-4.3-multi-platform-oci-archive.tar");
    let load = format!("/v1.48/images/load?platform={}", platform("s390x"));
    let response = daemon.request(&Request::post(&load).body(archive));
    assert_eq!(response.status, 500, "{}", response.text());
    assert!(
        response.message().contains("s390x"),
        "{}",
        response.message()
    );
    assert_eq!(visible(&daemon).1, 0);

    // The index names arm64, and the archive does not have it.
    let (amd, arm) = (Image::sample("here", 1), Image::sample("absent", 1));
    let mut layout = Layout::new();
    let here = layout.image(&amd, Blob::Gzip);
    let absent = Layout::new().image(&arm, Blob::Gzip);
    let nested = layout.index(&[
        with(
            here,
            "platform",
            json!({"os": "linux", "architecture": "amd64"}),
        ),
        with(
            absent,
            "platform",
            json!({"os": "linux", "architecture": "arm64"}),
        ),
    ]);
    let archive = layout
        .finish(&index(&[named(nested, "partial/index:1")]))
        .finish();
    let load = format!("/v1.48/images/load?platform={}", platform("arm64"));
    let response = daemon.request(&Request::post(&load).body(archive.clone()));
    assert_eq!(response.status, 500, "{}", response.text());
    assert_eq!(visible(&daemon).1, 0);
    assert_eq!(daemon.load(&archive).status, 200);
    assert_eq!(inspect(&daemon, "partial/index:1").unwrap()["Id"], amd.id());
}

fn a_platform_that_is_none(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let both = "both OS and Architecture must be provided";
    let missing = "optional platform fields provided, but OS and Architecture are missing";
    for (value, told) in [
        (
            "linux/amd64",
            "failed to parse platform: invalid character 'l' looking for beginning of value",
        ),
        ("", "failed to parse platform: unexpected end of JSON input"),
        (r#"{"os":"linux"}"#, both),
        (r#"{"architecture":"amd64"}"#, both),
        (r#"{"variant":"v8"}"#, missing),
    ] {
        let response = daemon.post(&format!("/v1.48/images/load?platform={}", escaped(value)));
        assert_eq!(
            (response.status, response.message().as_str()),
            (400, told),
            "{value}"
        );
    }
    let two = format!("platform={0}&platform={0}", platform("amd64"));
    let response = daemon.post(&format!("/v1.51/images/load?{two}"));
    assert_eq!(response.status, 400);
    let told = "multiple platform parameters are not supported in this API version; \
                use API version 1.52 or later";
    assert_eq!(response.message(), told);
    // Older versions do not know the parameter.
    let image = Image::sample("no platform", 1);
    let request = Request::post("/v1.47/images/load?platform=nonsense");
    let response = daemon.request(&request.body(image.docker_archive(&[]).finish()));
    assert_eq!(response.status, 200, "{}", response.text());
}

fn docker_archive_of_another_platform(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("windows", 1).reconfigured(|config| {
        config["os"] = json!("windows");
        config["os.version"] = json!("10.0.20348.2113");
    });
    let archive = image.docker_archive(&["windows:1"]).finish();
    assert_eq!(daemon.load(&archive).status, 200);
    let inspected = inspect(&daemon, "windows:1").unwrap();
    assert_eq!(inspected["Os"], "windows");
    assert_eq!(inspected["OsVersion"], "10.0.20348.2113");
}
