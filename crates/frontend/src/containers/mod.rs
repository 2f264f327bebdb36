//! Containers: created from images, never run here.

mod body;
mod config;
mod create;
mod exec;
mod host_config;
mod inspect;
mod list;
mod members;
mod network;
mod prune;
mod remove;
mod rename;
mod row;
mod run;
#[cfg(test)]
mod sample;
mod wanted;

pub(crate) use create::create;
pub(crate) use exec::exec;
pub(crate) use inspect::inspect;
pub(crate) use list::{list, rows};
pub(crate) use prune::prune;
pub(crate) use remove::remove;
pub(crate) use rename::rename;
pub(crate) use run::run;
pub(crate) use wanted::Wanted;
