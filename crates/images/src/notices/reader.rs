use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Notice;
use super::board::NoticeBoard;
use super::log::{Bookmark, Place};

/// Reads notices: first those of the past that were asked for, then each as it comes.
#[derive(Debug)]
pub struct NoticeReader {
    board: NoticeBoard,
    /// The next one.
    next: Bookmark,
    until: Option<Timestamp>,
    /// Whether everything up to the end has been asked for.
    ended: bool,
}

impl NoticeReader {
    /// One that begins at `next`. Everything that was told before `asked_at` is there.
    pub(super) fn new(
        board: NoticeBoard,
        next: Bookmark,
        until: Option<Timestamp>,
        asked_at: Timestamp,
    ) -> Self {
        Self {
            board,
            next,
            ended: until.is_some_and(|until| until < asked_at),
            until,
        }
    }

    /// The next one. `None` when there will be no more: the time that was asked for is over, or
    /// this reader was so slow that notices it had not read are gone.
    pub async fn next(&mut self) -> Option<Arc<Notice>> {
        loop {
            match self.next.take() {
                Place::Here(notice) => {
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
                None => self.next.is_here().await,
                Some(until) => {
                    let left = until.duration_since(Timestamp::now());
                    let left = Duration::try_from(left).unwrap_or_default();
                    let here = tokio::time::timeout(left, self.next.is_here()).await;
                    if here.is_err() {
                        if self.ended {
                            return None;
                        }
                        // What was told in time may be on its way from another daemon.
                        self.board.catch_up().await;
                        self.ended = true;
                    }
                }
            }
        }
    }
}
