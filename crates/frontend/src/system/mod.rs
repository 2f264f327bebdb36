//! `/_ping`, `/version`, `/info`: what the daemon tells of itself.

mod info;
mod machine;
mod nothing;
mod ping;
mod usage;
mod version;

pub(crate) use info::info;
pub(crate) use machine::Machine;
pub(crate) use nothing::{absent, nothing};
pub(crate) use ping::ping;
pub(crate) use usage::disk_usage;
pub(crate) use version::version;
