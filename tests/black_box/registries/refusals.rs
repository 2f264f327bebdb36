//! Unusable content of a registry, and its refusals.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::digest;
use sockerless_testkit::image::Image;
use sockerless_testkit::layout::{INDEX, MANIFEST};
use sockerless_testkit::registry::fake::{Action, Fault, Profile, Step};

use super::fake::Fake;
use super::faults::assert_nothing_stays;
use super::scene::{
    failure, launch, load, load_quietly, noisy, noisy_archive, staging_at, zstd_archive,
};
use crate::SOCKERLESS;
use crate::disconnect::files;
use crate::outcome::visible;

on_both_backends!(
    manifests_that_are_no_image,
    another_platform,
    bytes_that_are_not_what_was_asked_for
);

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest::of(content), "size": content.len()})
}

/// Adds an image without layers and its manifest, and returns the manifest's descriptor.
fn add_image(fake: &Fake, image: &Image, tag: Option<&str>) -> Value {
    let config = "application/vnd.oci.image.config.v1+json";
    fake.registry.add_blob("app", image.config.clone());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": descriptor(config, &image.config), "layers": [],
    });
    let bytes = manifest.to_string().into_bytes();
    let found = descriptor(MANIFEST, &bytes);
    fake.registry.add_manifest("app", tag, MANIFEST, bytes);
    found
}

fn pull(daemon: &Daemon, fake: &Fake, tag: &str, more: &str) -> (u16, String) {
    let target = format!(
        "/images/create?fromImage={}/app&tag={tag}{more}",
        fake.host()
    );
    let response = daemon.post(&target);
    match response.status {
        200 => (200, response.text()),
        status => (status, response.message()),
    }
}

fn manifests_that_are_no_image(backend: Backend) {
    let fake = Fake::start(Profile::default());
    let schema1 = json!({
        "schemaVersion": 1, "name": "app", "tag": "schema1", "architecture": "amd64",
        "fsLayers": [], "history": [], "signatures": [],
    });
    let schema1_type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let unknown = json!({"schemaVersion": 2, "mediaType": "application/vnd.example.v9+json"});
    let empty_index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []});
    for (tag, media_type, bytes) in [
        ("schema1", schema1_type, schema1.to_string()),
        (
            "unknown",
            "application/vnd.example.v9+json",
            unknown.to_string(),
        ),
        ("text", MANIFEST, "no JSON".to_owned()),
        ("index", INDEX, empty_index.to_string()),
    ] {
        fake.registry
            .add_manifest("app", Some(tag), media_type, bytes);
    }
    let daemon = Daemon::start(SOCKERLESS, backend);
    for tag in ["schema1", "unknown", "text", "index"] {
        let (status, message) = pull(&daemon, &fake, tag, "");
        assert!(status >= 400, "{tag}: {message}");
        let name = format!("{}/app", fake.host());
        let digest = |message: &str| message.contains("sha256:");
        assert!(
            message.contains(&name) || digest(&message),
            "{tag}: {message}"
        );
    }
    let (_, message) = pull(&daemon, &fake, "schema1", "");
    assert!(message.contains("schema 1"), "{message}");
    let (_, message) = pull(&daemon, &fake, "unknown", "");
    let words =
        "app:unknown is not an image: it is an artifact of type application/vnd.example.v9+json";
    assert!(message.ends_with(words), "{message}");
    assert_eq!(visible(&daemon), (json!([]), json!(0)));
}

fn another_platform(backend: Backend) {
    let fake = Fake::start(Profile::default());
    let arm =
        Image::sample("arm", 0).reconfigured(|config| config["architecture"] = json!("arm64"));
    let mut entry = add_image(&fake, &arm, Some("arm"));
    entry["platform"] = json!({"os": "linux", "architecture": "arm64"});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]});
    fake.registry
        .add_manifest("app", Some("index"), INDEX, index.to_string());
    let daemon = launch(backend, &fake.host())
        .argument("--platform")
        .argument("linux/amd64")
        .start();
    let (status, message) = pull(&daemon, &fake, "index", "");
    assert_eq!(status, 404, "{message}");
    let words = "no matching manifest for linux/amd64 in the manifest list entries";
    assert!(message.contains(words), "{message}");
    let (status, message) = pull(&daemon, &fake, "arm", "&platform=linux/amd64");
    assert_eq!(status, 404, "{message}");
    for part in ["app:arm", "linux/amd64", "linux/arm64"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert_eq!(visible(&daemon).1, 0);
    for tag in ["index", "arm"] {
        let (status, text) = pull(&daemon, &fake, tag, "&platform=linux/arm64");
        assert_eq!(status, 200, "{text}");
        assert!(!text.contains("errorDetail"), "{text}");
    }
    assert_eq!(visible(&daemon).1, 1);
}

/// Manifests and configurations that are changed or cut short on the way.
fn bytes_that_are_not_what_was_asked_for(backend: Backend) {
    for step in [Step::GetManifest, Step::GetBlob] {
        for action in [Action::Corrupt, Action::Truncate(20)] {
            let fake = Fake::start(Profile::default());
            let image = Image::sample("tampered", 0);
            let manifest = add_image(&fake, &image, Some("1"));
            let manifest = manifest["digest"].as_str().expect("a digest").to_owned();
            let digest = if step == Step::GetBlob {
                image.id()
            } else {
                manifest.clone()
            };
            fake.registry.inject(Fault::new(step, action.clone()));
            let daemon = Daemon::start(SOCKERLESS, backend);
            let (status, message) = pull(&daemon, &fake, &manifest, "");
            assert_eq!(status, 500, "{step:?} {action:?}: {message}");
            assert!(message.contains(&digest), "{step:?} {action:?}: {message}");
            assert_eq!(visible(&daemon), (json!([]), json!(0)));
            let (status, text) = pull(&daemon, &fake, &manifest, "");
            assert_eq!(status, 200, "{text}");
        }
    }
}

/// Temporary 500, 503 and 429 are retried; `Retry-After` is respected.
#[test]
fn what_passes() {
    let fake = Fake::start(Profile::default());
    let daemon = staging_at(&fake.host());
    for (number, step) in [
        Step::HeadBlob,
        Step::Begin,
        Step::Patch,
        Step::Put,
        Step::PutManifest,
    ]
    .into_iter()
    .enumerate()
    {
        let status = [500, 503][number % 2];
        fake.registry.inject(Fault::status(step, status));
        load(&daemon, &noisy_archive(&format!("passes-{number}")));
    }
    fake.registry.inject(Fault::new(
        Step::Begin,
        Action::Answer {
            status: 429,
            headers: vec![("retry-after", "2".to_owned())],
            body: String::new(),
        },
    ));
    let begin = Instant::now();
    load(
        &daemon,
        &zstd_archive(&noisy("limited"), "passes.example/limited:1"),
    );
    assert!(begin.elapsed() >= Duration::from_secs(2));
}

/// A refusal of a registry is not retried, and its own message is reported.
#[test]
fn what_is_refused() {
    for (step, status, answered) in [
        (Step::Begin, 403, 403),
        (Step::Begin, 404, 404),
        (Step::PutManifest, 400, 400),
    ] {
        let fake = Fake::start(Profile::default());
        let body = json!({"errors": [{"code": "DENIED", "message": "not on a Sunday"}]});
        let action = Action::Answer {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        };
        fake.registry.inject(Fault::new(step, action).times(1000));
        let daemon = staging_at(&fake.host());
        let before = files(&daemon.data_root());
        let response = load_quietly(&daemon, &noisy_archive("refused"));
        assert_eq!(response.status, answered, "{}", response.text());
        let message = failure(&response);
        let place = format!("{}/staging", fake.host());
        for part in [place.as_str(), "denied: not on a Sunday"] {
            assert!(message.contains(part), "{step:?}: {part} in {message}");
        }
        assert_nothing_stays(&daemon, &before);
    }
}

/// A repository that has to be created first: the error says so.
#[test]
fn a_repository_that_does_not_exist() {
    let fake = Fake::start(Profile::ecr("AWS", "secret"));
    let launch = launch(Backend::Sqlite, &fake.host());
    let config = json!({"auths": {fake.host(): {"username": "AWS", "password": "secret"}}});
    std::fs::write(launch.folder().join("config.json"), config.to_string()).unwrap();
    let folder = launch.folder().to_owned();
    let daemon = launch.variable("DOCKER_CONFIG", folder).start();
    let before = files(&daemon.data_root());
    let message = failure(&load_quietly(&daemon, &noisy_archive("nowhere")));
    assert!(message.contains("name unknown: "), "{message}");
    assert_nothing_stays(&daemon, &before);
    fake.registry.create_repository("staging");
    load(&daemon, &noisy_archive("nowhere"));
    assert_eq!(fake.registry.tags("staging").len(), 1);
}

/// A load into a registry with the behaviour of every cloud.
#[test]
fn every_profile() {
    for (name, profile) in [
        ("ECR", Profile::ecr("u", "secret")),
        (
            "Artifact Registry",
            Profile::artifact_registry("u", "secret"),
        ),
        ("ACR 413", Profile::acr("u", "secret", 413)),
        ("ACR 416", Profile::acr("u", "secret", 416)),
        ("Quay", Profile::quay("u", "secret")),
        ("Harbor", Profile::harbor("u", "secret")),
        ("Docker Hub", Profile::docker_hub("u", "secret")),
        ("zot", Profile::zot()),
    ] {
        let fake = Fake::start(profile);
        fake.registry.create_repository("staging");
        let launch = launch(Backend::Sqlite, &fake.host());
        let config = json!({"auths": {fake.host(): {"username": "u", "password": "secret"}}});
        std::fs::write(launch.folder().join("config.json"), config.to_string()).unwrap();
        let folder = launch.folder().to_owned();
        let daemon = launch.variable("DOCKER_CONFIG", folder).start();
        load(&daemon, &noisy_archive("cloud"));
        assert_eq!(fake.registry.tags("staging").len(), 1, "{name}");
        let sent = [Step::Begin, Step::Patch, Step::Put].map(|step| fake.registry.count(step));
        load(&daemon, &noisy_archive("cloud"));
        let after = [Step::Begin, Step::Patch, Step::Put].map(|step| fake.registry.count(step));
        assert_eq!(after, sent, "{name}: the second load sends no blob");
    }
}
