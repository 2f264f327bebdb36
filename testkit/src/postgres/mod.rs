//! A real database server: Debian's PostgreSQL on a loopback port, with a cluster of its own.

mod pooler;
mod port;
mod process;
mod programs;
mod server;
mod setup;

#[cfg(test)]
mod tests;

pub use pooler::{PoolMode, Pooler};
pub use server::Postgres;
pub use setup::{PASSWORD, Setup, USER};
