//! Real clients of the Docker Engine API against the daemon, each used as its users use it.
//!
//! Those that are available run unchanged: the docker CLI, skopeo, bollard, the SDK for Python,
//! dockerode for Node.js, and the Go clients. For the others, the tests send the same requests and
//! read the responses in the same way. `scripts/install-test-needs` installs the clients.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails, also outside of the functions marked as tests"
)]

mod bollard_client;
mod docker_cli;
mod docker_java;
mod gitlab_runner;
mod go;
mod imgutil;
mod jib;
mod node;
mod podman;
mod python;
mod saved;
mod scenario;
mod skaffold;
mod skopeo;
mod spring_boot;
mod testcontainers;

use std::path::PathBuf;

use serde_json::Value;
use sockerless_testkit::daemon::{Backend, Daemon};

/// The images in `docker-20.10-two-images.tar`; they share a layer.
const TWO_IMAGES: &str = "docker-20.10-two-images.tar";
const HELPER: &str = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";
const HELPER_NAME: &str = "fixture/helper:x86_64-v18.1";
const BASE: &str = "sha256:73ed4e88b05f31f66a0daf462ca68c6883939a00d76881821a680d2e93691daf";
const BASE_NAME: &str = "fixture/base:1";

/// A daemon with the default configuration: with SQLite and the content kept.
fn daemon() -> Daemon {
    Daemon::start(env!("CARGO_BIN_EXE_sockerless-tests"), Backend::Sqlite)
}

/// One that has the two images.
fn daemon_with_images() -> Daemon {
    let daemon = daemon();
    let loaded = daemon.load(&read(TWO_IMAGES));
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    daemon
}

/// The folder of archives that real tools wrote.
fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn read(fixture: &str) -> Vec<u8> {
    let path = fixtures().join(fixture);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The strings of a JSON list; nothing for anything else.
fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
