//! A daemon of its own for a test.

mod process;

pub use process::{Backend, Daemon, Launch};
