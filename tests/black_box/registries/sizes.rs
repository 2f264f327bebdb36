//! The size of a pulled image, and the source of the bytes of an image that is here.

use std::path::PathBuf;

use serde_json::Value;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::digest;
use sockerless_testkit::http::{Request, Response};
use sockerless_testkit::image::Image;
use sockerless_testkit::layout::{Blob, Layout, digest_of, index, named};
use sockerless_testkit::registry::fake::Profile;

use super::fake::Fake;
use super::scene::{load, noisy, noisy_archive};
use crate::SOCKERLESS;
use crate::disconnect::files;
use crate::outcome::inspect;

on_both_backends!(of_a_pulled_image);

fn publish(fake: &Fake, image: &Image, tag: &str) {
    let mut layout = Layout::new();
    let manifest = digest_of(&layout.image(image, Blob::Gzip));
    for (_, content) in layout.contents() {
        match digest::of(content) == manifest {
            true => {
                let kind = sockerless_testkit::layout::MANIFEST;
                fake.registry
                    .add_manifest("app", Some(tag), kind, content.to_vec());
            }
            false => {
                fake.registry.add_blob("app", content.to_vec());
            }
        }
    }
}

/// The size of an image in every response.
fn sizes(daemon: &Daemon, name: &str) -> [i64; 4] {
    let found = inspect(daemon, name).unwrap();
    let of = |rows: &Value| {
        let rows = rows.as_array().expect("rows").clone();
        let row = rows.iter().find(|row| row["Id"] == found["Id"]);
        row.expect("a row")["Size"].as_i64().expect("a number")
    };
    let history = daemon.get(&format!("/images/{name}/history")).json();
    let history = history.as_array().expect("steps").iter();
    [
        found["Size"].as_i64().expect("a number"),
        of(&daemon.get("/images/json").json()),
        of(&daemon.get("/system/df").json()["Images"]),
        history.filter_map(|step| step["Size"].as_i64()).sum(),
    ]
}

fn push(daemon: &Daemon, name: &str, to: &str) -> Response {
    let tag = format!("/images/{name}/tag?repo={to}&tag=1");
    assert_eq!(daemon.post(&tag).status, 201);
    daemon.post(&format!("/images/{to}/push?tag=1"))
}

/// It is not known until the layers are loaded, and does not change after that.
fn of_a_pulled_image(backend: Backend) {
    let (fake, other) = (
        Fake::start(Profile::default()),
        Fake::start(Profile::default()),
    );
    let image = Image::sample("pulled size", 1);
    publish(&fake, &image, "1");
    let daemon = Daemon::start(SOCKERLESS, backend);
    let name = format!("{}/app:1", fake.host());
    let pull = || daemon.post(&format!("/images/create?fromImage={name}"));
    assert_eq!(pull().status, 200);
    assert_eq!(sizes(&daemon, &name), [-1; 4]);
    let usage = daemon.get("/system/df").json();
    assert_eq!(usage["LayersSize"], 0, "{usage}");
    // Its layers are fetched, and nothing else changes.
    let pushed = push(&daemon, &name, &format!("{}/onward", other.host()));
    assert!(!pushed.text().contains("error"), "{}", pushed.text());
    assert_eq!(daemon.get(&format!("/images/{name}/get")).status, 200);
    assert_eq!(sizes(&daemon, &name), [-1; 4]);
    // An archive has the sizes.
    load(&daemon, &image.docker_archive(&["loaded:1"]).finish());
    let known = sizes(&daemon, "loaded:1");
    assert!(
        known[0] > 0 && known.iter().all(|size| *size == known[0]),
        "{known:?}"
    );
    assert_eq!(sizes(&daemon, &name), known);
    // It was known at the pull, and stays known when the other image is removed.
    let untagged = daemon.request(&Request::new("DELETE", &format!("/images/{name}")));
    assert_eq!(untagged.status, 200);
    let later = Image::with_layers("pulled later", image.layers.clone());
    publish(&fake, &later, "later");
    let later = format!("{}/app:later", fake.host());
    assert_eq!(
        daemon
            .post(&format!("/images/create?fromImage={later}"))
            .status,
        200
    );
    assert_eq!(sizes(&daemon, &later), known);
    let gone = Request::new("DELETE", &format!("/images/{}?force=1", image.id()));
    assert_eq!(daemon.request(&gone).status, 200);
    assert_eq!(sizes(&daemon, &later), known);
}

/// The layers of an image that is here are not requested from where it was pushed to.
#[test]
fn what_is_here_is_not_asked_for() {
    let (first, second) = (
        Fake::start(Profile::default()),
        Fake::start(Profile::default()),
    );
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    load(&daemon, &noisy_archive("docker"));
    let mut layout = Layout::new();
    let manifest = layout.image(&noisy("oci"), Blob::Gzip);
    load(
        &daemon,
        &layout
            .finish(&index(&[named(manifest, "docker.io/library/oci:1")]))
            .finish(),
    );
    for name in ["docker:1", "oci:1"] {
        let pushed = push(&daemon, name, &format!("{}/app", first.host()));
        assert!(!pushed.text().contains("error"), "{}", pushed.text());
        let asked = first.registry.requests().len();
        let pushed = push(&daemon, name, &format!("{}/app", second.host()));
        assert!(!pushed.text().contains("error"), "{}", pushed.text());
        assert_eq!(daemon.get(&format!("/images/{name}/get")).status, 200);
        let now = first.registry.requests();
        assert_eq!(now.len(), asked, "{name}: {:?}", &now[asked..]);
    }
}

fn file_of(daemon: &Daemon, blob: &str) -> PathBuf {
    let files = files(&daemon.data_root());
    let digits = digest::digits(blob);
    let mut files = files.into_iter();
    let found = files.find(|file| file.ends_with(digits));
    found.expect("the file of the blob")
}

/// A damaged or truncated file counts as missing.
#[test]
fn what_is_damaged_is_fetched_again() {
    let (first, second) = (
        Fake::start(Profile::default()),
        Fake::start(Profile::default()),
    );
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    let image = noisy("damaged");
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    load(
        &daemon,
        &layout
            .finish(&index(&[named(manifest, "docker.io/library/oci:1")]))
            .finish(),
    );
    load(&daemon, &noisy_archive("docker"));
    let blobs = [
        ("oci:1", digest::of(&Blob::Gzip.bytes(&image.layers[0].tar))),
        ("docker:1", noisy("docker").layers[0].diff_id()),
    ];
    for (name, blob) in &blobs {
        let whole = daemon.get(&format!("/images/{name}/get")).body;
        let pushed = push(
            &daemon,
            name,
            &format!("{}/{name}", first.host()).replace(":1", ""),
        );
        assert!(!pushed.text().contains("error"), "{}", pushed.text());
        let file = file_of(&daemon, blob);
        let content = std::fs::read(&file).expect("a file");
        let mut other = content.clone();
        other[1000] ^= 1;
        for (case, damage) in [&other[..], &content[..2000], &[]].into_iter().enumerate() {
            std::fs::write(&file, damage).expect("a file");
            let saved = daemon.get(&format!("/images/{name}/get"));
            assert!(
                saved.body == whole,
                "{name}, case {case}: the same is saved"
            );
            std::fs::write(&file, damage).expect("a file");
            let to = format!("{}/{}-{case}", second.host(), name.replace(":1", ""));
            let pushed = push(&daemon, name, &to);
            assert!(
                !pushed.text().contains("error"),
                "{case}: {}",
                pushed.text()
            );
        }
    }
    // And if it is nowhere else, that is an error.
    load(&daemon, &noisy_archive("alone"));
    let file = file_of(&daemon, &noisy("alone").layers[0].diff_id());
    let mut content = std::fs::read(&file).expect("a file");
    content[1000] ^= 1;
    std::fs::write(&file, &content).expect("a file");
    let pushed = push(&daemon, "alone:1", &format!("{}/alone", second.host()));
    assert!(
        pushed.text().contains("is damaged on disk"),
        "{}",
        pushed.text()
    );
}
