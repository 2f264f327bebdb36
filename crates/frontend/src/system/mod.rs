//! `/_ping`, `/version`, `/info`: what the daemon tells of itself.

mod info;
mod machine;
mod ping;
mod version;

pub(crate) use info::info;
pub(crate) use machine::Machine;
pub(crate) use ping::ping;
pub(crate) use version::version;
