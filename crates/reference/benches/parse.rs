//! The time to parse the name a client gives for an image: every request does that.
#![allow(
    clippy::unwrap_used,
    reason = "what cannot be measured is a panic with its reason"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use sockerless_reference::{Query, Reference};

const SHORT: &str = "alpine";
const LONG: &str = "registry.example.com:5000/group/subgroup/project/helper:x86_64-v18.1.0";
const PINNED: &str = "registry.example.com/helper:1@sha256:\
                      e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ID: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();

    let mut group = criterion.benchmark_group("Reference::parse");
    for (name, text) in [("short", SHORT), ("long", LONG), ("pinned", PINNED)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Reference::parse(black_box(text)).unwrap());
        });
    }
    group.bench_function("invalid", |bencher| {
        bencher.iter(|| Reference::parse(black_box("registry.example.com/Helper:1")).unwrap_err());
    });
    group.finish();

    let mut group = criterion.benchmark_group("Query::parse");
    for (name, text) in [("name", LONG), ("ID", ID), ("prefix", "e3b0c44298fc")] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Query::parse(black_box(text)).unwrap());
        });
    }
    group.finish();
    criterion.final_summary();
}
