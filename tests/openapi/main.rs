//! Every response against the types that were generated from Docker's own OpenAPI files.
//!
//! All JSON responses of a daemon are requested, in one API version after the other; each is
//! deserialized as that version's type and serialized again. Anything that a type refuses, does not
//! have or reads differently is a deviation, and must be explained in `explained.rs`.
//!
//! The types are those of the crate `bollard-stubs`, which has one release for each version of the
//! API. All are 1.x, of which Cargo allows only one in a lock file, so each version is tested by a
//! small program with its own lock file, in `types/`.
//!
//! Nothing is checked where a type accepts any text: times except `Created` and `LastTagTime` of
//! images, states in lists of containers before 1.48, types of events before 1.42, names of
//! drivers, the content of labels and attributes. No file of Docker describes the lines of a load;
//! they are read as those of a build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails, also outside of the functions marked as tests"
)]

mod client;
mod containers;
mod deviation;
mod explained;
mod images;
mod registries;
mod system;
mod types;

use client::Client;
use sockerless_testkit::registry::Registry;
use types::Types;

/// Makes a test of each version.
macro_rules! versions {
    ($($name:ident: $asked:literal as $types:literal),+ $(,)?) => {
        $(#[test]
        fn $name() {
            answers_have_the_types($asked, Types($types));
        })+
    };
}

// 1.41 is Docker 20.10, the oldest that is around; 1.44 is 25, the first that hides `VirtualSize`;
// 1.49 is 28, with `manifests` everywhere and all fields of before 1.52. 1.53 is the newest release
// of the types, and the newest version that the daemon supports is tested with it too. Each release
// takes ten seconds to compile, so these four are half a minute on two processors that have nothing
// else to do.
versions!(
    v1_41: 41 as "1.41",
    v1_44: 44 as "1.44",
    v1_49: 49 as "1.49",
    v1_53: 53 as "1.53",
    newest: 55 as "1.53",
);

fn answers_have_the_types(minor: u16, types: Types) {
    let registry = Registry::open();
    let mut client = Client::new(minor);
    images::load(&mut client);
    registries::push(&mut client, &registry);
    containers::create(&mut client);
    images::read(&mut client);
    registries::read(&mut client, &registry);
    containers::read(&mut client);
    system::read(&mut client);
    registries::stage(&mut client, &registry);
    containers::remove(&mut client);
    images::remove(&mut client);
    system::prune(&mut client);
    system::events(&mut client);
    let answers = client.answers();
    explained::explain(minor, &deviation::all(&answers, &types.check(&answers)));
}
