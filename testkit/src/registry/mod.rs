//! A real registry: Debian's docker-registry on a free loopback port.

mod authority;
mod process;

pub use authority::{Authority, Identity};
pub use process::{PASSWORD, Registry, Setup, USER};
