//! The stores, implemented by [`SqliteStore`](super::SqliteStore).

mod blob_sources;
mod containers;
mod images;
mod jobs;
