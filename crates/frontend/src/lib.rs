//! The Docker Engine API over HTTP.
//!
//! [`route()`] says which request means what; each endpoint is one file, named as its path is:
//! `POST /images/load` is `images/load.rs`. Below this crate nobody knows HTTP or JSON; the
//! engine reports facts and typed errors, and here they become Docker's words.

mod answer;
mod auth;
mod distribution;
mod fields;
mod images;
mod message;
mod platform;
mod query;
mod route;
mod server;
mod service;
mod status;
mod stream;
mod system;
mod upload;
mod version;

pub use images::LoadResult;
pub use route::{Reject, Route, Routed, route};
pub use server::{Frontend, FrontendConfig};
