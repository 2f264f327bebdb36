//! Shared parts of the tests: archives as real tools write them, a daemon and a registry to start,
//! clients and faults on the wire.
//!
//! Everything here is deterministic: the same call gives the same bytes on every machine. A failure
//! of the environment (no temporary folder, a dead daemon) is a panic with its reason, because that
//! is how a test fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests use this crate, and a panic is how a test fails"
)]

pub mod compress;
pub mod configs;
pub mod daemon;
pub mod digest;
pub mod dockerd;
pub mod http;
pub mod image;
pub mod layout;
mod log;
pub mod malformed;
pub mod podman;
pub mod postgres;
pub mod producers;
pub mod proxy;
pub mod registry;
pub mod sample;
pub mod tar;
pub mod tool;
