//! Blobs under their digests, on local disk.
//!
//! The life of a blob: a [`BlobWriter`] hashes it while it is written to a temporary file
//! ([`ContentStore::writer`]); [`BlobWriter::finish`] makes it a [`StagedBlob`], whose digest is
//! known and which is not visible to others; [`ContentStore::commit`] makes it durable and puts it
//! under its digest. Dropping a writer or a staged blob aborts: nothing of it stays.
//!
//! All calls block on the disk: an asynchronous caller makes them on a thread of its own.

#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "the ban is for those that use the store"
    )
)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod audit;
mod error;
mod eviction;
mod flusher;
mod sizes;
mod spool;
mod store;
mod sweep;
mod total;
mod twin;
mod writer;

pub use audit::{Audited, audit};
pub use error::Error;
pub use eviction::KeptBlob;
pub use store::ContentStore;
pub use sweep::Swept;
pub use writer::{BlobWriter, StagedBlob};
