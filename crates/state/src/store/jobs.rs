//! The contract of a store for jobs that only one daemon does at a time.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Error, Exclusive, Job};

/// Jobs that only one of the daemons that share a state does at a time.
///
/// The guarantees of every method are described at [`StateStore`](crate::StateStore).
#[async_trait]
pub trait Jobs: Debug + Send + Sync + 'static {
    /// The right to do this job now; `None` while another caller has it. It is released soon after
    /// it was dropped.
    async fn exclusive(&self, job: Job) -> Result<Option<Exclusive>, Error>;
}
