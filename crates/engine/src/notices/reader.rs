use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::Notice;
use super::log::{NoticeLog, Place};

/// Reads notices: first those of the past that were asked for, then each as it comes.
#[derive(Debug)]
pub struct NoticeReader {
    log: NoticeLog,
    count: watch::Receiver<u64>,
    /// Number of the next one.
    next: u64,
    until: Option<Timestamp>,
}

impl NoticeReader {
    pub(super) fn new(
        log: NoticeLog,
        count: watch::Receiver<u64>,
        next: u64,
        until: Option<Timestamp>,
    ) -> Self {
        Self {
            log,
            count,
            next,
            until,
        }
    }

    /// The next one. `None` when there will be no more: the time that was asked for is over, or
    /// this reader was so slow that notices it had not read are gone.
    pub async fn next(&mut self) -> Option<Arc<Notice>> {
        loop {
            // What is told from here on is a change.
            self.count.mark_unchanged();
            match self.log.at(self.next) {
                Place::Here(notice) => {
                    self.next += 1;
                    return Some(notice)
                        .filter(|notice| self.until.is_none_or(|until| notice.at <= until));
                }
                Place::Behind => {
                    tracing::info!("a reader of events is too slow and is cut off");
                    return None;
                }
                Place::Ahead => {}
            }
            match self.until {
                None => self.count.changed().await.ok()?,
                Some(until) => {
                    let left = until.duration_since(Timestamp::now());
                    let left = Duration::try_from(left).ok()?;
                    let changed = tokio::time::timeout(left, self.count.changed()).await;
                    changed.ok()?.ok()?;
                }
            }
        }
    }
}
