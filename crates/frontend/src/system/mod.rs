//! `/_ping`, `/version`, `/info`, `/system/…`: information about the daemon.

mod info;
mod machine;
mod options;
mod ping;
mod usage;
mod version;

pub(crate) use info::info;
pub(crate) use machine::Machine;
pub(crate) use options::options;
pub(crate) use ping::ping;
pub(crate) use usage::disk_usage;
pub(crate) use version::version;
