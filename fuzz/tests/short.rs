//! The fuzz targets without a fuzzer: every seed, then seeds with random mutations.
//!
//! The mutations come from a fixed number, so two runs do the same. `FUZZ_ROUNDS` is the number of
//! mutated inputs for each target. A failing input is written to `artifacts/<target>/`, for `cargo
//! fuzz run <target> <file>`.
#![allow(
    clippy::expect_used,
    reason = "a panic is how a test fails, also outside of the functions marked as tests"
)]

mod mutation;

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

use mutation::Mutation;
use sockerless_reference::Digest;
use sockerless_testkit::{malformed, producers};

/// Enough to detect a broken target, and few enough for every run of the tests.
const ROUNDS: u32 = 500;

#[test]
fn archive_read() {
    let mut seeds = files(&folder("../fixtures"));
    seeds.extend(producers::all().into_iter().map(|sample| sample.archive));
    seeds.extend(malformed::all().into_iter().map(|fault| fault.archive));
    run("archive_read", sockerless_fuzz::archive_read, &seeds, 1);
}

#[test]
fn file_system() {
    let mut seeds = files(&folder("../fixtures"));
    // Archives are also file systems with holes, links and the like.
    seeds.extend(producers::all().into_iter().map(|sample| sample.archive));
    seeds.extend(malformed::layers());
    run("file_system", sockerless_fuzz::file_system, &seeds, 1);
}

#[test]
fn head() {
    run("head", sockerless_fuzz::head, &lines("head"), 20);
}

#[test]
fn changes() {
    run("changes", sockerless_fuzz::changes, &lines("changes"), 20);
}

#[test]
fn filters() {
    run("filters", sockerless_fuzz::filters, &lines("filters"), 20);
}

#[test]
fn image_config() {
    let odd = sockerless_testkit::configs::all().into_iter();
    // Deep ones are the same as shallow ones, and slow.
    let odd = odd
        .map(|odd| odd.image.config)
        .filter(|config| config.len() < 4096);
    let seeds = [lines("image_config"), odd.collect()].concat();
    run("image_config", sockerless_fuzz::image_config, &seeds, 5);
}

#[test]
fn registry_answer() {
    let seeds = lines("registry_answer");
    run(
        "registry_answer",
        sockerless_fuzz::registry_answer,
        &seeds,
        20,
    );
}

#[test]
fn registry_auth() {
    let seeds = lines("registry_auth");
    run("registry_auth", sockerless_fuzz::registry_auth, &seeds, 20);
}

#[test]
fn reference() {
    let seeds = lines("reference");
    run("reference", sockerless_fuzz::reference, &seeds, 20);
}

#[test]
fn route() {
    run("route", sockerless_fuzz::route, &lines("route"), 20);
}

/// `weight` compensates for how much faster than the slowest a target is.
fn run(name: &str, target: fn(&[u8]), seeds: &[Vec<u8>], weight: u32) {
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for seed in seeds {
        one(name, target, seed);
    }
    let mut mutation = Mutation::new(0x5eed, seeds);
    for _ in 0..rounds() * weight {
        one(name, target, &mutation.next_input());
    }
}

fn one(name: &str, target: fn(&[u8]), input: &[u8]) {
    if panic::catch_unwind(|| target(input)).is_ok() {
        return;
    }
    let folder = folder("artifacts").join(name);
    let file = folder.join(format!("crash-{}", Digest::of(input).short()));
    fs::create_dir_all(&folder).expect("a folder for the input");
    fs::write(&file, input).expect("the input is kept");
    panic!("the input that failed is in {}", file.display());
}

fn rounds() -> u32 {
    match std::env::var("FUZZ_ROUNDS") {
        Ok(text) => text.parse().expect("FUZZ_ROUNDS is a number"),
        Err(_) => ROUNDS,
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The archives in a folder, always in the same order.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder with seeds");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a seed").path()).collect();
    paths.sort();
    paths.retain(|path| path.to_string_lossy().contains(".tar"));
    paths
        .iter()
        .map(|path| fs::read(path).expect("a seed"))
        .collect()
}

/// The lines of a target's seeds, with `\n` in them for a line feed and `\r` for a carriage return.
fn lines(name: &str) -> Vec<Vec<u8>> {
    let file = folder("seeds").join(name).with_extension("txt");
    let text = fs::read_to_string(file).expect("a file of seeds");
    text.lines()
        .map(|line| line.replace("\\n", "\n").replace("\\r", "\r").into_bytes())
        .collect()
}
