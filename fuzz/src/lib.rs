//! What has to hold for every input, whoever sends it.
//!
//! Each function takes any bytes and panics when something does not hold. libFuzzer calls them
//! through `targets/`; `tests/short.rs` calls them with the seeds and with changed seeds, on any
//! toolchain.

mod archive_read;
mod checksum;
mod file_system;
mod head;
mod reference;
mod route;
mod stream;

pub use archive_read::archive_read;
pub use file_system::file_system;
pub use head::head;
pub use reference::reference;
pub use route::route;
