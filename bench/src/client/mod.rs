//! The client for all daemons: HTTP/1.1 on a Unix socket, one thread, no runtime.

mod body;
mod connection;
mod response;

pub(crate) use body::Body;
pub(crate) use connection::Connection;
pub(crate) use response::Response;
