//! `/images/…`: one file for each endpoint.

mod config;
mod inspect;
mod list;
mod load;
mod manifests;
mod names;
mod tag;

pub(crate) use inspect::inspect;
pub(crate) use list::list;
pub use load::LoadResult;
pub(crate) use load::load;
pub(crate) use tag::tag;
