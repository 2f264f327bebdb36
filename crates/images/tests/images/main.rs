//! Tests of images that are here: removing, saving, importing, listing, events.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod importing;
mod listing;
mod removing;
mod saving;
mod scene;
mod telling;
mod unreadable;
