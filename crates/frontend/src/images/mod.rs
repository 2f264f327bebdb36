//! `/images/…`: one file for each endpoint.

mod config;
mod create;
mod inspect;
mod list;
mod load;
mod manifests;
mod names;
mod push;
mod tag;
mod transfer;

pub(crate) use create::create;
pub(crate) use inspect::inspect;
pub(crate) use list::list;
pub use load::LoadResult;
pub(crate) use load::load;
pub(crate) use push::push;
pub(crate) use tag::tag;
