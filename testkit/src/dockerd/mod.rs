//! A real Docker Engine: Debian's dockerd 20.10, isolated from the machine's.

mod process;

pub use process::Dockerd;
