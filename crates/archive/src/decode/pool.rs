//! A pool of buffers for decoded bytes.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;

/// Bytes of a buffer: large enough that passing it on is cheap compared to hashing it, small enough
/// to stay in the processor's cache between two threads.
pub(super) const BUFFER: usize = 256 * 1024;

/// Buffers kept for the next use.
const SPARE: usize = 8;

/// Buffers that return when their last slice is dropped.
#[derive(Debug)]
pub(super) struct Pool {
    back: SyncSender<Vec<u8>>,
    spare: Receiver<Vec<u8>>,
}

struct Lent {
    buffer: Vec<u8>,
    filled: usize,
    back: SyncSender<Vec<u8>>,
}

impl Pool {
    pub(super) fn new() -> Self {
        let (back, spare) = sync_channel(SPARE);
        Self { back, spare }
    }

    pub(super) fn take(&self) -> Vec<u8> {
        self.spare.try_recv().unwrap_or_else(|_| vec![0; BUFFER])
    }

    /// The first `filled` bytes of `buffer`, which returns to the pool after use.
    pub(super) fn lend(&self, buffer: Vec<u8>, filled: usize) -> Bytes {
        Bytes::from_owner(Lent {
            buffer,
            filled,
            back: self.back.clone(),
        })
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // If the pool is full or gone, the buffer is freed.
        let _ = self.back.try_send(std::mem::take(&mut self.buffer));
    }
}
