//! What [`PostgresStore`](super::PostgresStore) does as each of the stores.

mod blob_sources;
mod containers;
mod images;
mod jobs;
