//! What a store of the state promises, by noun.

mod blob_sources;
mod containers;
mod images;
mod jobs;

pub use self::blob_sources::BlobSources;
pub use self::containers::ContainerStore;
pub use self::images::ImageStore;
pub use self::jobs::Jobs;

/// The whole state of a daemon: all four stores in one, so that a transaction may concern several.
///
/// Every method of the four is one transaction: it happens whole or not at all, and once it has
/// returned `Ok` a restart does not lose it (a store in memory: until the process ends). Methods
/// may be called from any number of tasks at once and never block the calling thread. A future that
/// is dropped leaves the transaction either done or not begun.
///
/// Every type that implements the four traits implements this one.
pub trait StateStore: ImageStore + ContainerStore + BlobSources + Jobs {}

impl<T: ImageStore + ContainerStore + BlobSources + Jobs> StateStore for T {}
