//! HTTP/1.1 with nothing between the test and the bytes.

mod connection;
mod request;
mod response;

pub use connection::{Address, Connection, Sent};
pub use request::{Request, escaped};
pub use response::Response;
