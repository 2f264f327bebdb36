//! One request on the wire, under time limits: no retry, no redirect, no credentials of its own.

mod address_range;
mod body;
mod connector;
mod dial;
mod network;
mod pool;
mod proxy;
mod reach;
mod reply;
pub(crate) mod tls;

pub(crate) use address_range::AddressRange;
pub(crate) use body::{Failure, RequestBody, Watch};
pub(crate) use connector::{ConnectError, Connector, Settings};
pub(crate) use network::Neighbourhood;
pub(crate) use pool::{Patience, Pool};
pub use proxy::{InvalidProxy, Proxies};
pub(crate) use reach::Reach;
pub(crate) use reply::Reply;
