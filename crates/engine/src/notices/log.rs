use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::{Action, Notice, NoticeReader, Subject};

/// Past notices that are kept for those who ask for them, and for readers that are slow.
const NOTICES: usize = 1024;

/// Bytes of them: an image may have megabytes of labels.
const BYTES: usize = 4 << 20;

/// The notices of a daemon, the newest of them. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub(crate) struct NoticeLog {
    kept: Arc<Mutex<Kept>>,
    /// How many there were; changes with each.
    count: Arc<watch::Sender<u64>>,
}

#[derive(Debug)]
struct Kept {
    /// How many there were before the first that is kept.
    gone: u64,
    notices: VecDeque<Arc<Notice>>,
    bytes: usize,
    last: Timestamp,
}

/// What a reader finds at its place.
pub(super) enum Place {
    /// A notice.
    Here(Arc<Notice>),
    /// Nothing yet.
    Ahead,
    /// Notices that are no longer kept.
    Behind,
}

impl Default for NoticeLog {
    fn default() -> Self {
        let kept = Kept {
            gone: 0,
            notices: VecDeque::new(),
            bytes: 0,
            last: Timestamp::MIN,
        };
        Self {
            kept: Arc::new(Mutex::new(kept)),
            count: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl NoticeLog {
    /// Adds a notice, which happened now. Never waits for a reader.
    pub(crate) fn tell(
        &self,
        subject: Subject,
        action: Action,
        id: String,
        attributes: BTreeMap<String, String>,
    ) {
        let mut kept = self.lock();
        let at = Timestamp::now().max(after(kept.last));
        kept.last = at;
        let notice = Arc::new(Notice {
            subject,
            action,
            id,
            attributes,
            at,
        });
        kept.bytes += weight(&notice);
        kept.notices.push_back(notice);
        while kept.notices.len() > NOTICES || (kept.bytes > BYTES && kept.notices.len() > 1) {
            if let Some(oldest) = kept.notices.pop_front() {
                kept.bytes -= weight(&oldest);
                kept.gone += 1;
            }
        }
        let count = kept.gone + kept.notices.len() as u64;
        drop(kept);
        self.count.send_replace(count);
    }

    /// A reader of the notices between two times.
    pub(super) fn read(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> NoticeReader {
        let kept = self.lock();
        let past = match since {
            Some(since) => kept.notices.partition_point(|notice| notice.at < since),
            None => kept.notices.len(),
        };
        let next = kept.gone + past as u64;
        drop(kept);
        NoticeReader::new(self.clone(), self.count.subscribe(), next, until)
    }

    /// What has the number `index`.
    pub(super) fn at(&self, index: u64) -> Place {
        let kept = self.lock();
        let Some(offset) = index.checked_sub(kept.gone) else {
            return Place::Behind;
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        kept.notices
            .get(offset)
            .map_or(Place::Ahead, |notice| Place::Here(Arc::clone(notice)))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next moment.
fn after(at: Timestamp) -> Timestamp {
    at.checked_add(Duration::from_nanos(1)).unwrap_or(at)
}

fn weight(notice: &Notice) -> usize {
    /// The notice itself and what maps and texts cost besides their letters.
    const ROUGHLY: usize = 256;
    let attributes = notice.attributes.iter();
    attributes
        .map(|(key, value)| key.len() + value.len() + ROUGHLY)
        .sum::<usize>()
        + notice.id.len()
        + ROUGHLY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(log: &NoticeLog, id: usize) {
        log.tell(
            Subject::Image,
            Action::Tag,
            id.to_string(),
            BTreeMap::default(),
        );
    }

    async fn ids(mut reader: NoticeReader, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.extend(reader.next().await.map(|notice| notice.id.clone()));
        }
        ids
    }

    #[tokio::test]
    async fn a_reader_gets_the_past_and_then_what_comes() {
        let log = NoticeLog::default();
        tell(&log, 1);
        let mut live = log.read(None, None);
        tell(&log, 2);
        let second = live.next().await.expect("a notice");
        assert_eq!(second.id, "2");
        tell(&log, 3);
        assert_eq!(
            ids(log.read(Some(Timestamp::UNIX_EPOCH), None), 3).await,
            ["1", "2", "3"]
        );
        assert_eq!(
            ids(log.read(Some(second.at), None), 2).await,
            ["2", "3"],
            "from its very time on"
        );
        assert_eq!(live.next().await.expect("a notice").id, "3");
    }

    #[tokio::test]
    async fn a_reader_waits_for_the_next() {
        let log = NoticeLog::default();
        let mut reader = log.read(None, None);
        let waiting = tokio::spawn(async move { reader.next().await });
        tokio::task::yield_now().await;
        tell(&log, 1);
        let notice = waiting.await.expect("no panic").expect("a notice");
        assert_eq!(notice.id, "1");
    }

    #[tokio::test]
    async fn it_ends_at_its_time() {
        let log = NoticeLog::default();
        tell(&log, 1);
        tell(&log, 2);
        let all = Some(Timestamp::UNIX_EPOCH);
        let mut reader = log.read(all, Some(Timestamp::now()));
        assert_eq!(reader.next().await.expect("a notice").id, "1");
        assert_eq!(reader.next().await.expect("a notice").id, "2");
        assert!(reader.next().await.is_none());
        let mut reader = log.read(None, Some(Timestamp::UNIX_EPOCH));
        assert!(reader.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_at_a_time_to_come() {
        let log = NoticeLog::default();
        let soon = Timestamp::now() + Duration::from_secs(3600);
        let mut reader = log.read(None, Some(soon));
        assert!(reader.next().await.is_none());
    }

    #[tokio::test]
    async fn the_oldest_go_and_whoever_wanted_them_is_cut_off() {
        let log = NoticeLog::default();
        let mut slow = log.read(None, None);
        for id in 0..=NOTICES {
            tell(&log, id);
        }
        assert!(slow.next().await.is_none());
        let all = log.read(Some(Timestamp::UNIX_EPOCH), None);
        assert_eq!(ids(all, 1).await, ["1"]);
        let large = BTreeMap::from([("label".to_owned(), "x".repeat(BYTES))]);
        log.tell(Subject::Image, Action::Load, "large".to_owned(), large);
        assert_eq!(log.lock().notices.len(), 1);
        tell(&log, 0);
        assert!(log.lock().bytes < BYTES);
    }
}
