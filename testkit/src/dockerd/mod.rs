//! A real Docker Engine: Debian's dockerd 20.10, alone with itself.

mod process;

pub use process::Dockerd;
