use std::time::Duration;

use jiff::Timestamp;
use sockerless_state::{Forgotten, Job};

use crate::{Error, Images};

/// How long is remembered what registries have although no image needs it: the same layers come
/// again with the next load.
pub const MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);

/// Rows that are looked at in one transaction.
const BATCH: usize = 1000;

impl Images {
    /// Forgets where blobs are and what layers became when they were compressed, if no image needs
    /// that and it was not used for `age`. Nothing while another daemon does it.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the state fails; what was forgotten until
    /// then stays forgotten.
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
