//! Properties that must hold for every input.
//!
//! Each function accepts any bytes and panics when a property does not hold. libFuzzer calls them
//! through `targets/`; `tests/short.rs` calls them with the seeds and with mutated seeds, on any
//! toolchain.
#![expect(clippy::expect_used, reason = "a panic is how a target fails")]

mod archive_read;
mod changes;
mod checksum;
mod file_system;
mod filters;
mod head;
mod image_config;
mod reference;
mod registry_answer;
mod registry_auth;
mod route;
mod stream;

pub use archive_read::archive_read;
pub use changes::changes;
pub use file_system::file_system;
pub use filters::filters;
pub use head::head;
pub use image_config::image_config;
pub use reference::reference;
pub use registry_answer::registry_answer;
pub use registry_auth::registry_auth;
pub use route::route;
