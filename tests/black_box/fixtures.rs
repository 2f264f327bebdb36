//! The archives of `fixtures/`: output of real tools, unchanged, compressed and in other orders.

use std::path::PathBuf;

use serde_json::Value;
use sockerless_testkit::compress::Compression;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::sample::Expected;
use sockerless_testkit::tar::Tar;

use crate::SOCKERLESS;
use crate::outcome::{Faults, check, strings};

on_both_backends!(as_they_are, compressed, in_other_orders);

/// One file with the expected result of its load.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) images: Vec<Expected>,
}

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name)
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every archive in `expected.json`.
pub(crate) fn all() -> Vec<Fixture> {
    let expected: Value = serde_json::from_slice(&read("expected.json")).expect("JSON");
    let fixtures = expected
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, entry)| {
            let mut images: Vec<Expected> = entry["images"]
                .as_array()
                .expect("a list")
                .iter()
                .map(image)
                .collect();
            if name.contains("multi-platform") {
                // One image; its first variant is the one for the daemon's platform.
                images.truncate(1);
            }
            Fixture {
                name: name.clone(),
                bytes: read(name),
                images,
            }
        });
    let fixtures: Vec<Fixture> = fixtures.collect();
    assert_eq!(fixtures.len(), 12, "all fixtures");
    fixtures
}

fn image(image: &Value) -> Expected {
    let ref_name = image["annotations"]["org.opencontainers.image.ref.name"].as_str();
    let names = match ref_name {
        // Without `/` and `:` it is a tag and no name.
        Some(name) if name.contains(['/', ':']) => vec![name.to_owned()],
        Some(_) => Vec::new(),
        None => strings(&image["names"]),
    };
    Expected {
        id: Some(image["id"].as_str().expect("an ID").to_owned()),
        names,
        diff_ids: strings(&image["diff_ids"]),
    }
}

/// The plain tar of a fixture.
fn plain(fixture: &Fixture) -> Vec<u8> {
    if !fixture.name.ends_with(".zst") {
        return fixture.bytes.clone();
    }
    sockerless_testkit::compress::unzstd(&fixture.bytes)
}

fn as_they_are(backend: Backend) {
    let mut faults = Faults::default();
    for fixture in all() {
        let daemon = Daemon::start(SOCKERLESS, backend);
        let response = daemon.load(&fixture.bytes);
        faults.note(&fixture.name, check(&daemon, &response, &fixture.images));
    }
    faults.finish();
}

fn compressed(backend: Backend) {
    let mut faults = Faults::default();
    for fixture in all() {
        let tar = plain(&fixture);
        let daemon = Daemon::start(SOCKERLESS, backend);
        for compression in Compression::ALL {
            let response = daemon.load(&compression.compress(&tar));
            let case = format!("{} through {compression:?}", fixture.name);
            faults.note(&case, check(&daemon, &response, &fixture.images));
        }
    }
    faults.finish();
}

fn in_other_orders(backend: Backend) {
    let mut faults = Faults::default();
    for fixture in all() {
        let tar = Tar::parse(&plain(&fixture));
        let mut orders = vec![("reversed".to_owned(), tar.clone().reversed())];
        for seed in 1..=4 {
            orders.push((format!("shuffled {seed}"), tar.clone().shuffled(seed)));
        }
        for (order, tar) in orders {
            let daemon = Daemon::start(SOCKERLESS, backend);
            let response = daemon.load(&tar.finish());
            let case = format!("{} {order}", fixture.name);
            faults.note(&case, check(&daemon, &response, &fixture.images));
        }
    }
    faults.finish();
}
