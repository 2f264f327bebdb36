//! The contract of a state store, one trait for each noun.

mod blob_sources;
mod containers;
mod images;
mod jobs;

pub use self::blob_sources::BlobSources;
pub use self::containers::ContainerStore;
pub use self::images::ImageStore;
pub use self::jobs::Jobs;

/// The whole state of a daemon: all four stores in one, so that a transaction may span several.
///
/// Every method of the four is one transaction: it happens completely or not at all, and once it
/// has returned `Ok` it survives a restart (a store in memory: until the process ends). Methods may
/// be called from any number of tasks at once and never block the calling thread. Dropping a future
/// leaves the transaction either done or not begun.
///
/// Every type that implements the four traits implements this one.
pub trait StateStore: ImageStore + ContainerStore + BlobSources + Jobs {}

impl<T: ImageStore + ContainerStore + BlobSources + Jobs> StateStore for T {}
