//! What a store promises about jobs that one daemon does at a time.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Error, Exclusive, Job};

/// Jobs that one daemon at a time does, of all that share a state.
///
/// What every method promises is said at [`StateStore`](crate::StateStore).
#[async_trait]
pub trait Jobs: Debug + Send + Sync + 'static {
    /// The right to do this job now; `None` while somebody else has it. It is given back soon after
    /// it was dropped.
    async fn exclusive(&self, job: Job) -> Result<Option<Exclusive>, Error>;
}
