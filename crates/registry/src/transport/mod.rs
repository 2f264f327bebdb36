//! One request on the wire, under time limits: no retry, no redirect, no credentials of its own.

mod body;
mod connector;
mod network;
mod pool;
mod proxy;
mod reply;
pub(crate) mod tls;

pub(crate) use body::{Failure, RequestBody, Watch};
pub(crate) use connector::{ConnectError, Connector, Settings};
pub(crate) use network::Neighbourhood;
pub(crate) use pool::{Patience, Pool};
pub use proxy::Proxies;
pub(crate) use reply::Reply;
