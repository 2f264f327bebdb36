//! Publishing many events in a row.

use sockerless_state::Telling;

/// Events that are published without waiting in between: only so many can wait for a database.
const EVENTS: usize = 256;

/// Total bytes of labels that these events may have.
const BYTES: usize = 1 << 20;

/// Waits now and then while many events are published, and at the end for all of them.
#[derive(Debug, Default)]
pub struct Batch {
    last: Telling,
    events: usize,
    bytes: usize,
}

impl Batch {
    /// Adds a published event whose labels have this many bytes.
    pub async fn add(&mut self, published: Telling, bytes: usize) {
        self.last = published;
        self.events += 1;
        self.bytes += bytes;
        if self.events >= EVENTS || self.bytes >= BYTES {
            std::mem::take(self).done().await;
        }
    }

    /// Returns when all are published, which is when the last one is.
    pub async fn done(self) {
        self.last.done().await;
    }
}
