//! The client against registries on the wire: the fake one, with the quirks and faults of every
//! cloud, and Debian's docker-registry.

#![allow(
    clippy::expect_used,
    reason = "what the tests share may fail them, as they may themselves"
)]

mod access;
mod blobs;
mod clouds;
mod credentials;
mod distribution;
mod downloads;
mod faults;
mod manifests;
mod secrets;
mod setup;
mod tokens;
mod trust;
mod unreachable;
