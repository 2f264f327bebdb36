//! `/images/…`: one file for each endpoint.

mod attestations;
mod config;
mod create;
mod history;
mod import;
mod inspect;
mod list;
mod load;
mod manifests;
mod names;
mod prune;
mod pull;
mod push;
mod remove;
mod removed;
#[cfg(test)]
pub(crate) mod sample;
mod save;
mod search;
pub(crate) mod size;
mod summary;
mod tag;
mod transfer;

pub(crate) use attestations::attestations;
#[cfg(feature = "fuzz")]
pub(crate) use config::shown_config;
pub(crate) use create::create;
pub(crate) use history::history;
pub(crate) use inspect::inspect;
pub(crate) use list::{Rows, list};
pub use load::LoadResult;
pub(crate) use load::load;
pub(crate) use prune::prune;
pub(crate) use push::push;
pub(crate) use remove::remove;
pub(crate) use save::{save, save_several};
pub(crate) use search::search;
pub(crate) use tag::tag;
