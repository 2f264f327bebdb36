//! The state of a daemon: images, their names, containers, and sources of blobs.
//!
//! [`ImageStore`], [`ContainerStore`], [`BlobSources`] and [`Jobs`] are the contract of a store,
//! and [`StateStore`] is all four. [`SqliteStore`] keeps the state in a file or in memory,
//! [`PostgresStore`] in a database that many daemons share. With the feature `conformance` there is
//! a module of that name: the checks that every store has to pass.

mod addition;
mod column;
mod container;
mod container_selection;
mod container_state;
mod container_status;
mod contents;
mod error;
mod exclusive;
mod image;
mod list_position;
mod merge;
mod name;
mod postgres;
mod removal;
mod sql;
mod sqlite;
mod staging;
mod store;
mod variants;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

pub use container::{Container, ContainerAdded, Renamed, Users};
pub use container_selection::ContainerSelection;
pub use container_state::ContainerState;
pub use container_status::ContainerStatus;
pub use error::{Error, Source};
pub use exclusive::{Exclusive, Job};
pub use image::{Added, Addition, Blob, Counts, Found, Image, Layer, Origin, Variant};
pub use list_position::ListPosition;
pub use postgres::{
    Feed, Following, News, PostgresAudit, PostgresFacts, PostgresStore, Telling, Told,
};
pub use removal::{Removal, Removed};
pub use sqlite::{SqliteAudit, SqliteFacts, SqliteFile, SqliteStore};
pub use staging::{Encoding, Forgotten, Staged};
pub use store::{BlobSources, ContainerStore, ImageStore, Jobs, StateStore};
