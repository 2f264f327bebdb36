//! The lines of a load that stages.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Launch};
use sockerless_testkit::http::Request;
use sockerless_testkit::image::Image;
use sockerless_testkit::proxy::{Fault, FaultProxy};
use sockerless_testkit::registry::{Registry, Setup};

use super::scene::{
    failure, launch, load, load_quietly, noisy, noisy_archive, staged, staging_at, zstd_archive,
};
use crate::outcome::{inspect, strings, visible};
use crate::stream::{chunked, raw};

on_both_backends!(
    progress,
    sent_while_the_archive_arrives,
    quiet,
    many_layers,
    refused_before_the_first_line,
    refused_after_it
);

/// One layer: every line in its order.
fn progress(backend: Backend) {
    let registry = Registry::open();
    let daemon = launch(backend, &registry.host()).start();
    let image = noisy("lines");
    let layer = &image.layers[0].hex()[..12];
    let archive = zstd_archive(&image, "lines.example/lines:1");

    let loaded = load(&daemon, &archive);
    let lines = loaded.lines();
    let digest = staged(&loaded, &registry.host(), &image.id()).unwrap();
    let step = |status| json!({"status": status, "progressDetail": {}, "id": layer});
    let end = [
        json!({"aux": {
            "ID": image.id(),
            "RepoTags": ["lines.example/lines:1"],
            "RepoDigests": [format!("{}/staging@{digest}", registry.host())],
        }}),
        json!({"stream": "Loaded image: lines.example/lines:1\n"}),
        json!({"stream": format!("Loaded image ID: {}\n", image.id())}),
    ];
    assert_eq!(lines[0], step("Preparing"), "{lines:?}");
    let pushing: Vec<&Value> = lines[1..]
        .iter()
        .take_while(|line| line["status"] == "Pushing")
        .collect();
    let sent = |line: &Value| line["progressDetail"]["current"].as_u64().expect("bytes");
    assert!(!pushing.is_empty(), "{lines:?}");
    assert!(pushing.is_sorted_by_key(|line| sent(line)), "{lines:?}");
    assert!(pushing.iter().all(|line| line["id"] == layer), "{lines:?}");
    let rest = &lines[1 + pushing.len()..];
    assert_eq!(rest[0], step("Pushed"), "{lines:?}");
    assert_eq!(
        (&rest[1]["status"], &rest[1]["id"]),
        (&json!("Loading layer"), &json!(layer))
    );
    assert_eq!(rest[2..], end, "{lines:?}");

    let again = load(&daemon, &archive).lines();
    assert_eq!(
        again[..2],
        [step("Preparing"), step("Layer already exists")]
    );
    assert_eq!(again[2..], end);
}

/// A layer that was uploaded while the rest of the archive arrived is reported when its turn comes.
fn sent_while_the_archive_arrives(backend: Backend) {
    let registry = Registry::open();
    let daemon = launch(backend, &registry.host()).start();
    let image = noisy("early");
    let loaded = load(&daemon, &noisy_archive("early"));
    let steps: Vec<String> = loaded
        .lines()
        .iter()
        .filter(|line| line["id"] == image.layers[0].hex()[..12])
        .filter_map(|line| line["status"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(steps.first().map(String::as_str), Some("Preparing"));
    assert_eq!(steps.last().map(String::as_str), Some("Loading layer"));
    let digest = staged(&loaded, &registry.host(), &image.id()).unwrap();
    assert!(registry.manifest("staging", &digest).is_some());
}

/// Nothing but the lines that every load has, at once.
fn quiet(backend: Backend) {
    let registry = Registry::open();
    let daemon = launch(backend, &registry.host()).start();
    let image = Image::sample("quiet", 2);
    let archive = image.docker_archive(&["quiet:1"]).finish();
    let lines = [
        r#"{"stream":"Loaded image: quiet:1\n"}"#.to_owned(),
        format!(r#"{{"stream":"Loaded image ID: {}\n"}}"#, image.id()),
    ];
    for _ in 0..2 {
        let response = load_quietly(&daemon, &archive);
        assert_eq!(response.status, 200, "{}", response.text());
        assert_eq!(raw(&response), chunked(&lines));
    }
    let digests = inspect(&daemon, "quiet:1").unwrap()["RepoDigests"].clone();
    let [digest] = strings(&digests).try_into().expect("one digest");
    let (_, digest) = digest.split_once("/staging@").expect("staged");
    assert!(registry.manifest("staging", digest).is_some());
}

/// Several layers, one of them twice: each is sent once and reports its steps in their order.
fn many_layers(backend: Backend) {
    let registry = Registry::open();
    let daemon = launch(backend, &registry.host()).start();
    let mut layers = Image::sample("many", 9).layers;
    layers.push(layers[0].clone());
    let image = Image::with_layers("many", layers);
    let archive = zstd_archive(&image, "lines.example/many:1");
    let lines = load(&daemon, &archive).lines();
    for layer in &image.layers {
        let mut steps: Vec<&str> = lines
            .iter()
            .filter(|line| line["id"] == layer.hex()[..12])
            .filter_map(|line| line["status"].as_str())
            .collect();
        steps.dedup();
        let without_pushing: Vec<&str> = steps
            .iter()
            .copied()
            .filter(|step| *step != "Pushing")
            .collect();
        assert_eq!(
            without_pushing,
            ["Preparing", "Pushed", "Loading layer"],
            "{steps:?}"
        );
    }
}

/// The image exists once the registry has its manifest, and not before.
#[test]
fn loaded_is_said_when_the_manifest_is_there() {
    let registry = Registry::open();
    let proxy = FaultProxy::start(registry.address());
    let daemon = staging_at(&proxy.host());
    proxy.inject(Fault::stall_request("PUT /v2/staging/manifests/", 0));
    let archive = noisy_archive("waits");
    let loaded = std::thread::scope(|scope| {
        let loading = scope.spawn(|| daemon.load(&archive));
        proxy.wait_for_stall();
        assert_eq!(daemon.get("/images/waits:1/json").status, 404);
        assert_eq!(visible(&daemon), (json!([]), json!(0)));
        proxy.disconnect();
        proxy.connect(registry.address());
        loading.join().expect("an answer")
    });
    assert_eq!(loaded.streams().len(), 2, "{}", loaded.text());
    let digest = staged(&loaded, &proxy.host(), &noisy("waits").id()).unwrap();
    assert!(registry.manifest("staging", &digest).is_some());
}

fn without_password(backend: Backend) -> (Registry, Launch) {
    let registry = Setup::open().with_password().start();
    let launch = launch(backend, &registry.host());
    (registry, launch)
}

/// A client that sees no progress gets a status.
fn refused_before_the_first_line(backend: Backend) {
    let (registry, launch) = without_password(backend);
    let daemon = launch.start();
    for query in ["?quiet=1", ""] {
        let request = Request::post(&format!("/images/load{query}"));
        let response = daemon.request(&request.body(noisy_archive("refused")));
        assert_eq!(response.status, 401, "{query}: {}", response.text());
        assert_says_what(&failure(&response), &registry);
    }
    assert_eq!(visible(&daemon), (json!([]), json!(0)));
}

/// One that has seen a line already gets the error as the last one.
fn refused_after_it(backend: Backend) {
    let (registry, launch) = without_password(backend);
    let daemon = launch.start();
    let response = daemon.load(&noisy_archive("refused"));
    assert_eq!(response.status, 200, "{}", response.text());
    let lines = response.lines();
    assert_eq!(lines[0]["status"], "Preparing", "{lines:?}");
    assert_says_what(&failure(&response), &registry);
    assert_eq!(visible(&daemon), (json!([]), json!(0)));
}

/// Asserts that it names the registry, the repository and the blob, with the registry's own
/// message.
fn assert_says_what(message: &str, registry: &Registry) {
    let place = format!("{}/staging: ", registry.host());
    for part in [place.as_str(), "blob", "no basic auth credentials"] {
        assert!(message.contains(part), "{part} in {message}");
    }
}
