//! Several daemons with one state and one staging registry, each with a content folder of its own.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod evicting;
mod filling;
mod layout;
mod racing;
mod scene;
mod sharing;
