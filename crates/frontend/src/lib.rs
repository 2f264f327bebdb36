//! The Docker Engine API over HTTP.
//!
//! An endpoint is in two places: its row in `route/table.rs`, and its file, which is named after
//! its path: `POST /images/load` is `images/load.rs`. The crates below know neither HTTP nor JSON:
//! they report facts and typed errors, and this one turns them into Docker's responses.

mod answer;
mod auth;
mod brief;
mod build;
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
mod networks;
mod not_served;
mod platform;
mod plugins;
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
mod volumes;

pub use connection::{
    Chunks, Client, ConnectionLimits, Fault, Framing, Head, Leaving, end_of_head, judge_head,
};
pub use frontend::{Frontend, FrontendConfig};
pub use images::LoadResult;
pub use route::{Captures, Reject, Route, Routed, route};
pub use version::api_versions;
