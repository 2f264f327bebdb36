//! The newest events, kept in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::Event;
use crate::Occurrence;

/// Past events that are kept, for subscribers that ask for them and for slow readers.
const EVENTS: usize = 1024;

/// Total bytes of these events: an image may have megabytes of labels.
const BYTES: usize = 4 << 20;

/// The newest events. A handle, cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct EventLog {
    kept: Arc<Mutex<Kept>>,
    /// Events published so far; each one changes it.
    count: Arc<watch::Sender<u64>>,
}

#[derive(Debug)]
struct Kept {
    /// Events that were dropped before the first kept one.
    gone: u64,
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    last: Timestamp,
}

/// A reader's position in the log.
#[derive(Debug)]
pub(crate) struct Cursor {
    log: EventLog,
    count: watch::Receiver<u64>,
    /// Number of the next event.
    next: u64,
}

/// What a reader finds at its position.
pub(crate) enum Position {
    /// An event.
    Here(Arc<Event>),
    /// No event yet.
    Ahead,
    /// Events that are no longer kept.
    Behind,
}

impl Default for EventLog {
    fn default() -> Self {
        let kept = Kept {
            gone: 0,
            events: VecDeque::new(),
            bytes: 0,
            last: Timestamp::MIN,
        };
        Self {
            kept: Arc::new(Mutex::new(kept)),
            count: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl EventLog {
    /// Adds an event with the current time. Never waits for a reader.
    pub(crate) fn publish(&self, occurrence: Occurrence) {
        let mut kept = self.lock();
        let at = Timestamp::now().max(after(kept.last));
        let count = kept.add(occurrence.at(at));
        drop(kept);
        self.count.send_replace(count);
    }

    /// Adds an event that is newer than all others. Never waits for a reader.
    pub(crate) fn add(&self, event: Event) {
        let count = self.lock().add(event);
        self.count.send_replace(count);
    }

    /// Drops all events and counts one more, so that every reader finds that it has missed one.
    pub(crate) fn skip(&self) {
        let count = self.lock().skip();
        self.count.send_replace(count);
    }

    /// The position of the first event from `since` on, or after all kept events when absent.
    pub(crate) fn read(&self, since: Option<Timestamp>) -> Cursor {
        let kept = self.lock();
        let past = match since {
            Some(since) => kept.events.partition_point(|event| event.at < since),
            None => kept.events.len(),
        };
        let next = kept.gone + past as u64;
        drop(kept);
        Cursor {
            log: self.clone(),
            count: self.count.subscribe(),
            next,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cursor {
    /// Returns what is at this position, and advances if that is an event.
    pub(crate) fn take(&mut self) -> Position {
        // Any event published from here on counts as a change.
        self.count.mark_unchanged();
        let kept = self.log.lock();
        let Some(offset) = self.next.checked_sub(kept.gone) else {
            return Position::Behind;
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let Some(event) = kept.events.get(offset) else {
            return Position::Ahead;
        };
        self.next += 1;
        Position::Here(Arc::clone(event))
    }

    /// Waits until there may be an event here, after [`Position::Ahead`].
    pub(crate) async fn is_here(&mut self) {
        // The channel cannot be closed: this cursor holds the log.
        let _changed = self.count.changed().await;
    }
}

impl Kept {
    /// Returns the number of events published so far.
    fn add(&mut self, event: Event) -> u64 {
        self.last = event.at;
        let event = Arc::new(event);
        self.bytes += weight(&event);
        self.events.push_back(event);
        while self.events.len() > EVENTS || (self.bytes > BYTES && self.events.len() > 1) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= weight(&oldest);
                self.gone += 1;
            }
        }
        self.gone + self.events.len() as u64
    }

    fn skip(&mut self) -> u64 {
        self.gone += self.events.len() as u64 + 1;
        self.events.clear();
        self.bytes = 0;
        self.gone
    }
}

/// The smallest later time.
fn after(at: Timestamp) -> Timestamp {
    at.checked_add(Duration::from_nanos(1)).unwrap_or(at)
}

fn weight(event: &Event) -> usize {
    /// The event itself and the overhead of maps and strings.
    const ROUGHLY: usize = 256;
    let attributes = event.attributes.iter();
    attributes
        .map(|(key, value)| key.len() + value.len() + ROUGHLY)
        .sum::<usize>()
        + event.id.len()
        + ROUGHLY
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Events;
    use crate::{Action, ObjectType, Subscription};

    fn occurrence(id: usize, attributes: BTreeMap<String, String>) -> Occurrence {
        Occurrence {
            object: ObjectType::Image,
            action: Action::Tag,
            id: id.to_string(),
            attributes,
        }
    }

    fn publish(events: &Events, id: usize) {
        events.log.publish(occurrence(id, BTreeMap::new()));
    }

    async fn ids(mut reader: Subscription, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.extend(reader.next().await.map(|event| event.id.clone()));
        }
        ids
    }

    #[tokio::test]
    async fn a_reader_gets_the_past_and_then_what_comes() {
        let events = Events::default();
        publish(&events, 1);
        let mut live = events.subscribe(None, None).await;
        publish(&events, 2);
        let second = live.next().await.expect("an event");
        assert_eq!(second.id, "2");
        publish(&events, 3);
        assert_eq!(
            ids(events.subscribe(Some(Timestamp::UNIX_EPOCH), None).await, 3).await,
            ["1", "2", "3"]
        );
        assert_eq!(
            ids(events.subscribe(Some(second.at), None).await, 2).await,
            ["2", "3"],
            "from its very time on"
        );
        assert_eq!(live.next().await.expect("an event").id, "3");
    }

    #[tokio::test]
    async fn a_reader_waits_for_the_next() {
        let events = Events::default();
        let mut reader = events.subscribe(None, None).await;
        let waiting = tokio::spawn(async move { reader.next().await });
        tokio::task::yield_now().await;
        publish(&events, 1);
        let event = waiting.await.expect("no panic").expect("an event");
        assert_eq!(event.id, "1");
    }

    #[tokio::test]
    async fn it_ends_at_its_time() {
        let events = Events::default();
        publish(&events, 1);
        publish(&events, 2);
        let all = Some(Timestamp::UNIX_EPOCH);
        let mut reader = events.subscribe(all, Some(Timestamp::now())).await;
        assert_eq!(reader.next().await.expect("an event").id, "1");
        assert_eq!(reader.next().await.expect("an event").id, "2");
        assert!(reader.next().await.is_none());
        let mut reader = events.subscribe(None, Some(Timestamp::UNIX_EPOCH)).await;
        assert!(reader.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_at_a_time_to_come() {
        let events = Events::default();
        let soon = Timestamp::now() + Duration::from_secs(3600);
        let mut reader = events.subscribe(None, Some(soon)).await;
        assert!(reader.next().await.is_none());
    }

    #[tokio::test]
    async fn the_oldest_go_and_whoever_wanted_them_is_cut_off() {
        let events = Events::default();
        let mut slow = events.subscribe(None, None).await;
        for id in 0..=EVENTS {
            publish(&events, id);
        }
        assert!(slow.next().await.is_none());
        let all = events.subscribe(Some(Timestamp::UNIX_EPOCH), None).await;
        assert_eq!(ids(all, 1).await, ["1"]);
        let large = BTreeMap::from([("label".to_owned(), "x".repeat(BYTES))]);
        events.log.publish(occurrence(0, large));
        assert_eq!(events.log.lock().events.len(), 1);
        publish(&events, 0);
        assert!(events.log.lock().bytes < BYTES);
    }

    #[tokio::test]
    async fn whoever_missed_something_is_cut_off() {
        let events = Events::default();
        publish(&events, 1);
        let mut behind = events.subscribe(Some(Timestamp::UNIX_EPOCH), None).await;
        let mut waiting = events.subscribe(None, None).await;
        let cut_off = tokio::spawn(async move { waiting.next().await });
        tokio::task::yield_now().await;
        events.log.skip();
        assert!(cut_off.await.expect("no panic").is_none());
        assert!(behind.next().await.is_none());
        publish(&events, 2);
        let all = events.subscribe(Some(Timestamp::UNIX_EPOCH), None).await;
        assert_eq!(ids(all, 1).await, ["2"]);
        let kept = events.log.lock();
        assert_eq!(kept.bytes, weight(&kept.events[0]));
    }
}
