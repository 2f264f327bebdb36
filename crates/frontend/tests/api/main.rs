//! The API as a client sees it on the wire, with a real image backend in memory.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod archives;
mod events;
mod heads;
mod images;
mod import;
mod refused;
mod scene;
mod usage;
