//! Registries: Debian's docker-registry on a free loopback port, and one in the process.

mod authority;
pub mod fake;
mod process;

pub use authority::{Authority, Identity};
pub use process::{PASSWORD, Registry, Setup, USER};
