//! A TCP proxy that breaks connections at given points.

mod closed;
mod fault;
mod link;
mod scan;
mod server;

pub use closed::ClosedPort;
pub use fault::Fault;
pub use server::FaultProxy;

#[cfg(test)]
mod tests;
