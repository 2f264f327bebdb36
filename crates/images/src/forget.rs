//! Removes records of blobs in registries and of compressed layers that no image needs any more.

use std::time::Duration;

use jiff::Timestamp;
use sockerless_state::{Forgotten, Job};

use crate::{Error, Images};

/// How long records of what registries have are kept although no image needs them: the same layers
/// often come again with the next load.
pub const MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);

/// Rows that are looked at in one transaction.
const BATCH: usize = 1000;

impl Images {
    /// Removes the records of where blobs are and of the compressed forms of layers, if no image
    /// needs them and they were not used for `age`. Does nothing while another daemon does it.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the state fails; what was removed until then
    /// stays removed.
    pub async fn forget(&self, age: Duration) -> Result<Forgotten, Error> {
        let mut total = Forgotten::default();
        let Some(_running) = self.state.exclusive(Job::Forget).await? else {
            return Ok(total);
        };
        let before = Timestamp::now().checked_sub(age);
        let before = before.unwrap_or(Timestamp::UNIX_EPOCH);
        loop {
            let forgotten = self.state.forget(before, BATCH).await?;
            total.encodings += forgotten.encodings;
            total.locations += forgotten.locations;
            if !forgotten.more {
                return Ok(total);
            }
        }
    }
}
