//! Images that are here: removed, saved, imported, listed, told of.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod importing;
mod listing;
mod removing;
mod saving;
mod scene;
mod telling;
mod unreadable;
