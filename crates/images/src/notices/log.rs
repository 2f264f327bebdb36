use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::Notice;
use super::body::Body;

/// Past notices that are kept for those who ask for them, and for readers that are slow.
const NOTICES: usize = 1024;

/// Bytes of them: an image may have megabytes of labels.
const BYTES: usize = 4 << 20;

/// Notices that are kept, the newest of them. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub(super) struct NoticeLog {
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

/// Where somebody reads.
#[derive(Debug)]
pub(super) struct Bookmark {
    log: NoticeLog,
    count: watch::Receiver<u64>,
    /// Number of the next one.
    next: u64,
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
    pub(super) fn tell(&self, body: Body) {
        let mut kept = self.lock();
        let at = Timestamp::now().max(after(kept.last));
        let count = kept.add(body.at(at));
        drop(kept);
        self.count.send_replace(count);
    }

    /// Adds a notice that is newer than all others. Never waits for a reader.
    pub(super) fn add(&self, notice: Notice) {
        let count = self.lock().add(notice);
        self.count.send_replace(count);
    }

    /// Forgets all notices, and that there was one more: whoever reads has missed it.
    pub(super) fn break_off(&self) {
        let count = self.lock().break_off();
        self.count.send_replace(count);
    }

    /// The place of the first notice from `since` on, or after all that are kept.
    pub(super) fn read(&self, since: Option<Timestamp>) -> Bookmark {
        let kept = self.lock();
        let past = match since {
            Some(since) => kept.notices.partition_point(|notice| notice.at < since),
            None => kept.notices.len(),
        };
        let next = kept.gone + past as u64;
        drop(kept);
        Bookmark {
            log: self.clone(),
            count: self.count.subscribe(),
            next,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bookmark {
    /// What is here. The place becomes the next one if that is a notice.
    pub(super) fn take(&mut self) -> Place {
        // What is told from here on is a change.
        self.count.mark_unchanged();
        let kept = self.log.lock();
        let Some(offset) = self.next.checked_sub(kept.gone) else {
            return Place::Behind;
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let Some(notice) = kept.notices.get(offset) else {
            return Place::Ahead;
        };
        self.next += 1;
        Place::Here(Arc::clone(notice))
    }

    /// Waits until there may be something here, when there was nothing.
    pub(super) async fn is_here(&mut self) {
        // It cannot be closed: the log is held here.
        let _changed = self.count.changed().await;
    }
}

impl Kept {
    /// How many there are and were.
    fn add(&mut self, notice: Notice) -> u64 {
        self.last = notice.at;
        let notice = Arc::new(notice);
        self.bytes += weight(&notice);
        self.notices.push_back(notice);
        while self.notices.len() > NOTICES || (self.bytes > BYTES && self.notices.len() > 1) {
            if let Some(oldest) = self.notices.pop_front() {
                self.bytes -= weight(&oldest);
                self.gone += 1;
            }
        }
        self.gone + self.notices.len() as u64
    }

    fn break_off(&mut self) -> u64 {
        self.gone += self.notices.len() as u64 + 1;
        self.notices.clear();
        self.bytes = 0;
        self.gone
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
    use std::collections::BTreeMap;

    use super::super::board::NoticeBoard;
    use super::super::{Action, NoticeReader, Subject};
    use super::*;

    fn body(id: usize, attributes: BTreeMap<String, String>) -> Body {
        Body {
            subject: Subject::Image,
            action: Action::Tag,
            id: id.to_string(),
            attributes,
        }
    }

    fn tell(board: &NoticeBoard, id: usize) {
        board.log.tell(body(id, BTreeMap::new()));
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
        let board = NoticeBoard::default();
        tell(&board, 1);
        let mut live = board.read(None, None).await;
        tell(&board, 2);
        let second = live.next().await.expect("a notice");
        assert_eq!(second.id, "2");
        tell(&board, 3);
        assert_eq!(
            ids(board.read(Some(Timestamp::UNIX_EPOCH), None).await, 3).await,
            ["1", "2", "3"]
        );
        assert_eq!(
            ids(board.read(Some(second.at), None).await, 2).await,
            ["2", "3"],
            "from its very time on"
        );
        assert_eq!(live.next().await.expect("a notice").id, "3");
    }

    #[tokio::test]
    async fn a_reader_waits_for_the_next() {
        let board = NoticeBoard::default();
        let mut reader = board.read(None, None).await;
        let waiting = tokio::spawn(async move { reader.next().await });
        tokio::task::yield_now().await;
        tell(&board, 1);
        let notice = waiting.await.expect("no panic").expect("a notice");
        assert_eq!(notice.id, "1");
    }

    #[tokio::test]
    async fn it_ends_at_its_time() {
        let board = NoticeBoard::default();
        tell(&board, 1);
        tell(&board, 2);
        let all = Some(Timestamp::UNIX_EPOCH);
        let mut reader = board.read(all, Some(Timestamp::now())).await;
        assert_eq!(reader.next().await.expect("a notice").id, "1");
        assert_eq!(reader.next().await.expect("a notice").id, "2");
        assert!(reader.next().await.is_none());
        let mut reader = board.read(None, Some(Timestamp::UNIX_EPOCH)).await;
        assert!(reader.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_at_a_time_to_come() {
        let board = NoticeBoard::default();
        let soon = Timestamp::now() + Duration::from_secs(3600);
        let mut reader = board.read(None, Some(soon)).await;
        assert!(reader.next().await.is_none());
    }

    #[tokio::test]
    async fn the_oldest_go_and_whoever_wanted_them_is_cut_off() {
        let board = NoticeBoard::default();
        let mut slow = board.read(None, None).await;
        for id in 0..=NOTICES {
            tell(&board, id);
        }
        assert!(slow.next().await.is_none());
        let all = board.read(Some(Timestamp::UNIX_EPOCH), None).await;
        assert_eq!(ids(all, 1).await, ["1"]);
        let large = BTreeMap::from([("label".to_owned(), "x".repeat(BYTES))]);
        board.log.tell(body(0, large));
        assert_eq!(board.log.lock().notices.len(), 1);
        tell(&board, 0);
        assert!(board.log.lock().bytes < BYTES);
    }

    #[tokio::test]
    async fn whoever_missed_something_is_cut_off() {
        let board = NoticeBoard::default();
        tell(&board, 1);
        let mut behind = board.read(Some(Timestamp::UNIX_EPOCH), None).await;
        let mut waiting = board.read(None, None).await;
        let cut_off = tokio::spawn(async move { waiting.next().await });
        tokio::task::yield_now().await;
        board.log.break_off();
        assert!(cut_off.await.expect("no panic").is_none());
        assert!(behind.next().await.is_none());
        tell(&board, 2);
        let all = board.read(Some(Timestamp::UNIX_EPOCH), None).await;
        assert_eq!(ids(all, 1).await, ["2"]);
        let kept = board.log.lock();
        assert_eq!(kept.bytes, weight(&kept.notices[0]));
    }
}
