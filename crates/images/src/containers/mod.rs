//! Containers: an image with the settings under which it is to run. They are created, listed and
//! removed here; whoever runs them comes later.

mod check;
mod create;
mod filter;
mod find;
mod id;
mod list;
mod name;
mod prune;
mod pull_reference;
mod remove;
mod rename;
mod spec;

#[cfg(test)]
mod tests;

pub use create::{CreateContainer, CreatedContainer};
pub use filter::ContainerFilter;
pub use list::ContainerList;
pub use spec::{ContainerRow, ContainerSpec, Settings};
