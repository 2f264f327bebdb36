//! Events that wait for the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// Events that may wait for the database.
const NOTICES: usize = 1024;

/// Bytes of them.
const BYTES: usize = 4 << 20;

/// The longest wait of a sender for its event to be written.
const WAIT: Duration = Duration::from_secs(5);

/// Events that wait to be written. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    waiting: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    lost: Lost,
}

/// An event that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) body: String,
    told: oneshot::Sender<()>,
    _room: OwnedSemaphorePermit,
}

/// How many events were lost since the last that was written.
#[derive(Debug, Clone, Default)]
pub(super) struct Lost(Arc<AtomicU64>);

/// An event that is being sent. It is sent even if this is dropped.
#[must_use = "what the client does next may be told before it"]
#[derive(Debug, Default)]
pub struct Telling(Option<oneshot::Receiver<()>>);

impl Telling {
    /// Returns when all followers can see it, and everything that was sent before it through the
    /// same feed; also when it is lost, and after 5 s at the latest, in which case it is sent
    /// later.
    pub async fn done(self) {
        if let Some(told) = self.0 {
            // The reason of a failure is logged, once for all events.
            let _told = timeout(WAIT, told).await;
        }
    }
}

impl Queue {
    /// An empty queue, its receiver, and the number of lost events.
    pub(super) fn new() -> (Self, mpsc::Receiver<Waiting>, Lost) {
        let (waiting, receiver) = mpsc::channel(NOTICES);
        let lost = Lost::default();
        let queue = Self {
            waiting,
            room: Arc::new(Semaphore::new(BYTES)),
            lost: lost.clone(),
        };
        (queue, receiver, lost)
    }

    pub(super) fn put(&self, body: String) -> Telling {
        if body.contains('\0') {
            // The database would always refuse it, and everything else would wait for it.
            tracing::error!("an event is lost: it has a character that no database takes");
            return Telling::default();
        }
        let bytes = u32::try_from(body.len().min(BYTES)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(bytes);
        let (told, telling) = oneshot::channel();
        let put = room.ok().and_then(|room| {
            let event = Waiting {
                body,
                told,
                _room: room,
            };
            self.waiting.try_send(event).ok()
        });
        if put.is_none() {
            self.lost.add(1);
        }
        Telling(put.map(|()| telling))
    }
}

impl Waiting {
    /// Reports that it is in the table.
    pub(super) fn told(self) {
        // The waiting sender may be gone.
        let _waits = self.told.send(());
    }
}

impl Lost {
    pub(super) fn add(&self, count: u64) {
        if self.0.fetch_add(count, Ordering::Relaxed) == 0 {
            tracing::error!(
                "events are lost: no more of them can wait until the database takes them"
            );
        }
    }

    /// Logs how many there were, once no more are lost.
    pub(super) fn report(&self) {
        let count = self.0.swap(0, Ordering::Relaxed);
        if count > 0 {
            tracing::error!(
                count,
                "so many events were lost while the database was away"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_takes_so_many_and_loses_the_others() {
        let (queue, mut receiver, lost) = Queue::new();
        for number in 0..NOTICES {
            assert!(queue.put(number.to_string()).0.is_some());
        }
        queue.put("lost".to_owned()).done().await;
        queue.put("lost".to_owned()).done().await;
        assert_eq!(lost.0.load(Ordering::Relaxed), 2);
        assert_eq!(receiver.recv().await.expect("one").body, "0");
        let waits = queue.put("last".to_owned());
        let mut all = Vec::new();
        assert_eq!(receiver.recv_many(&mut all, 2 * NOTICES).await, NOTICES);
        let last = all.pop().expect("the last");
        assert_eq!(last.body, "last");
        let told = tokio::spawn(waits.done());
        last.told();
        told.await.expect("no panic");
        lost.report();
        assert_eq!(lost.0.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn it_takes_so_many_bytes() {
        let (queue, mut receiver, lost) = Queue::new();
        let large = "x".repeat(BYTES / 2);
        assert!(queue.put(large.clone()).0.is_some());
        assert!(queue.put(large).0.is_some());
        assert!(queue.put("x".to_owned()).0.is_none());
        assert_eq!(lost.0.load(Ordering::Relaxed), 1);
        drop((receiver.recv().await, receiver.recv().await));
        let too_large = "x".repeat(2 * BYTES);
        assert!(queue.put(too_large).0.is_some(), "one fits always");
        assert!(queue.put("x".to_owned()).0.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let (queue, receiver, _) = Queue::new();
        queue.put("x".to_owned()).done().await;
        drop(receiver);
        queue.put("x".to_owned()).done().await;
    }
}
