//! The stores, implemented by [`PostgresStore`](super::PostgresStore).

mod blob_sources;
mod containers;
mod images;
mod jobs;
