//! The memory that all loads and imports share for documents and windows of decompressors.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sockerless_archive::{Limits, Memory, OutOfMemory};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a load waits for memory that others use.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes in each unit of the semaphore, which counts up to `u32::MAX`.
const UNIT: u64 = 1 << 10;

/// Memory for the documents and windows of everything that is read at once.
///
/// A reader takes its whole share at once, or nothing: so none holds a part while it waits for
/// another, and every wait ends. Most archives need none: their documents and windows are small.
#[derive(Debug, Clone)]
pub(crate) struct SharedMemory {
    units: Arc<Semaphore>,
    limit: u64,
    patience: Duration,
}

/// The share of one archive, held while it is read and until its documents are no longer needed.
#[derive(Debug)]
pub(crate) struct Share {
    memory: SharedMemory,
    /// Units for windows, and for documents.
    parts: [u32; 2],
    taken: Mutex<Option<[OwnedSemaphorePermit; 2]>>,
    runtime: Handle,
}

impl SharedMemory {
    /// The size that the limits give, but at least the shares of one archive and of one import.
    pub(crate) fn new(limits: &Limits) -> Self {
        let one = limits.share().max(limits.for_file_system().window_bytes);
        let limit = limits.memory_bytes.max(one);
        let units = usize::try_from(units(limit)).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            units: Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))),
            limit,
            patience: PATIENCE,
        }
    }

    /// The share of an archive. Within a tokio runtime.
    pub(crate) fn share_of_load(&self, limits: &Limits) -> Arc<Share> {
        let windows = limits.share() - limits.documents_bytes;
        self.share([windows, limits.documents_bytes])
    }

    /// The share of an import, which has one decoder and no documents. Within a tokio runtime.
    pub(crate) fn share_of_import(&self, limits: &Limits) -> Arc<Share> {
        self.share([limits.for_file_system().window_bytes, 0])
    }

    fn share(&self, parts: [u64; 2]) -> Arc<Share> {
        Arc::new(Share {
            memory: self.clone(),
            parts: parts.map(units),
            taken: Mutex::default(),
            runtime: Handle::current(),
        })
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

impl Share {
    /// Gives back the share of the decoders: everything was read.
    pub(crate) fn all_is_read(&self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some([windows, _]) = taken.as_mut() {
            drop(windows.split(windows.num_permits()));
        }
    }
}

impl Memory for Share {
    fn take(&self) -> Result<(), OutOfMemory> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.is_some() {
            return Ok(());
        }
        let [windows, documents] = self.parts;
        let units = Arc::clone(&self.memory.units);
        let all = units.acquire_many_owned(windows.saturating_add(documents));
        // The clock of a timeout is that of the runtime, within which it has to be made.
        let waiting = async { timeout(self.memory.patience, all).await };
        let all = self.runtime.block_on(waiting);
        let Ok(Ok(mut windows)) = all else {
            return Err(OutOfMemory {
                limit: self.memory.limit,
                seconds: self.memory.patience.as_secs(),
            });
        };
        let documents = usize::try_from(documents).unwrap_or(usize::MAX);
        *taken = windows
            .split(documents)
            .map(|documents| [windows, documents]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        documents_bytes: 1 << 20,
        window_bytes: 1 << 20,
        memory_bytes: 66 << 20,
        ..Limits::DEFAULT
    };

    async fn take(share: &Arc<Share>) -> Result<(), OutOfMemory> {
        let share = Arc::clone(share);
        let taken = tokio::task::spawn_blocking(move || share.take());
        taken.await.expect("no panic")
    }

    #[tokio::test]
    async fn windows_are_given_back_before_documents() {
        let memory = SharedMemory::new(&LIMITS);
        let all = memory.units.available_permits();
        let load = memory.share_of_load(&LIMITS);
        assert_eq!(
            memory.units.available_permits(),
            all,
            "nothing is taken yet"
        );
        for _ in 0..2 {
            take(&load).await.expect("room");
            assert_eq!(memory.units.available_permits(), all - 3 * 1024);
        }
        load.all_is_read();
        assert_eq!(memory.units.available_permits(), all - 1024);
        drop(load);
        assert_eq!(memory.units.available_permits(), all);
    }

    #[tokio::test]
    async fn what_finds_no_room_waits_and_is_told() {
        let memory = SharedMemory {
            patience: Duration::from_millis(10),
            ..SharedMemory::new(&LIMITS)
        };
        let import = memory.share_of_import(&LIMITS);
        take(&import).await.expect("room");
        let load = memory.share_of_load(&LIMITS);
        let error = take(&load).await.expect_err("no room");
        assert_eq!(error.limit, 66 << 20);
        assert!(error.to_string().contains("max-memory-bytes"), "{error}");
        drop(import);
        take(&load).await.expect("room again");
    }
}
