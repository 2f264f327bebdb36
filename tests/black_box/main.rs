//! The daemon from outside: every test starts its own daemon and uses its sockets.
//!
//! Most tests run twice, with the state in memory and the content discarded, and with SQLite and
//! the content kept. None depends on another, on an order or on time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails, also outside of the functions marked as tests"
)]

/// Makes two tests of each function: one on either backend.
macro_rules! on_both_backends {
    ($($name:ident),+ $(,)?) => {
        mod memory {
            $(#[test]
            fn $name() {
                super::$name(sockerless_testkit::daemon::Backend::Memory);
            })+
        }
        mod sqlite {
            $(#[test]
            fn $name() {
                super::$name(sockerless_testkit::daemon::Backend::Sqlite);
            })+
        }
    };
}

mod artifacts;
mod body;
mod bollard_client;
mod bombs;
mod configs;
mod containers;
mod crowd;
mod damage;
mod disconnect;
mod docker_cli;
mod elided;
mod fixtures;
mod foreign;
mod gitlab_runner;
mod heads;
mod inspect;
mod journal;
mod large;
mod malformed;
mod messages;
mod moves;
mod names;
mod outcome;
mod places;
mod platforms;
mod producers;
mod quick;
mod registries;
mod reload;
mod restart;
mod shutdown;
mod startup;
mod stream;
mod system;
mod tag;
mod times;

/// The binary under test.
const SOCKERLESS: &str = env!("CARGO_BIN_EXE_sockerless-tests");
