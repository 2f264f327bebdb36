use sockerless_state::Telling;

/// Notices that are told without waiting in between: only so many can wait for a database.
const NOTICES: usize = 256;

/// Bytes of labels that they may have together.
const BYTES: usize = 1 << 20;

/// Waits now and then while many notices are told, and at the end for all of them.
#[derive(Debug, Default)]
pub(super) struct Together {
    last: Telling,
    notices: usize,
    bytes: usize,
}

impl Together {
    /// One more was told, with labels of this many bytes.
    pub(super) async fn add(&mut self, telling: Telling, bytes: usize) {
        self.last = telling;
        self.notices += 1;
        self.bytes += bytes;
        if self.notices >= NOTICES || self.bytes >= BYTES {
            std::mem::take(self).done().await;
        }
    }

    /// Returns when all are told: they are once the last one is.
    pub(super) async fn done(self) {
        self.last.done().await;
    }
}
