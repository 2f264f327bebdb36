//! The Docker Engine API over HTTP.
//!
//! [`route()`] says which request means what; each endpoint is one file, named as its path is:
//! `POST /images/load` is `images/load.rs`. Below this crate nobody knows HTTP or JSON; the
//! images report facts and typed errors, and here they become Docker's words.

mod answer;
mod auth;
mod brief;
mod call;
mod connection;
mod containers;
mod distribution;
mod ending;
mod events;
mod filters;
mod frontend;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod images;
mod message;
mod platform;
mod query;
mod request_id;
mod route;
mod service;
mod status;
mod stream;
mod system;
mod timestamp;
mod upload;
mod version;

pub use connection::{
    Chunks, Client, ConnectionLimits, Fault, Framing, Head, Leaving, end_of_head, judge_head,
};
pub use frontend::{Frontend, FrontendConfig};
pub use images::LoadResult;
pub use route::{Absent, Nothing, Reject, Route, Routed, route};
pub use version::api_versions;
