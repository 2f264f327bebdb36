//! A daemon for a single test.

mod process;

pub use process::{Backend, Daemon, Launch};
