//! Containers: an image with the settings to run it with. They are created, listed, renamed and
//! removed here. Images and their content are not here.

mod check;
mod containers;
mod create;
mod filter;
mod find;
mod host_config;
mod id;
mod invalid_member;
mod list;
mod name;
mod networking_config;
mod prune;
mod publish;
mod pull_reference;
mod remove;
mod rename;
mod spec;

#[cfg(test)]
mod tests;

pub use containers::Containers;
pub use create::{CreateContainer, CreatedContainer};
pub use filter::ContainerFilter;
pub use host_config::HostConfig;
pub use invalid_member::InvalidMember;
pub use list::ContainerList;
pub use networking_config::NetworkingConfig;
pub use sockerless_state::ContainerStatus;
pub use spec::{ContainerRow, ContainerSpec, Settings};
