//! The API as a client on the wire sees it, in front of real images whose state is in memory.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod archives;
mod events;
mod images;
mod import;
mod refused;
mod scene;
mod usage;
