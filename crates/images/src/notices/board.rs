use std::sync::Arc;

use jiff::Timestamp;
use sockerless_state::{Feed, Following, News, Telling};

use super::NoticeReader;
use super::body::Body;
use super::log::NoticeLog;

/// Where notices are told and read: those of this daemon alone, or those of all that share a
/// database. Cheap to clone: a handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct NoticeBoard {
    pub(super) log: NoticeLog,
    shared: Option<Arc<Shared>>,
}

/// What fills the log when it is not this daemon alone who tells.
#[derive(Debug)]
struct Shared {
    feed: Feed,
    following: Following,
}

impl NoticeBoard {
    /// One with the notices of all daemons of `feed`. Its log is filled with them in a task.
    pub(crate) fn shared(feed: Feed) -> Self {
        let log = NoticeLog::default();
        let mut filler = Filler {
            log: log.clone(),
            strange: false,
        };
        let following = feed.follow(move |news| filler.fill(news));
        let shared = Shared { feed, following };
        Self {
            log,
            shared: Some(Arc::new(shared)),
        }
    }

    /// Tells something, which happens now. Whoever reads never holds this up.
    pub(super) fn tell(&self, body: Body) -> Telling {
        let Some(shared) = &self.shared else {
            self.log.tell(body);
            return Telling::default();
        };
        match body.to_text() {
            Ok(text) => shared.feed.tell(text),
            Err(error) => {
                tracing::error!(%error, "an event is lost: it cannot be written as JSON");
                Telling::default()
            }
        }
    }

    /// A reader of the notices between two times. Those that were told before this call to any of
    /// the daemons are here when it returns, unless the database is away.
    pub(super) async fn read(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> NoticeReader {
        let asked_at = Timestamp::now();
        self.catch_up().await;
        NoticeReader::new(self.clone(), self.log.read(since), until, asked_at)
    }

    /// Waits for what other daemons have told until now, but not for long.
    pub(super) async fn catch_up(&self) {
        if let Some(shared) = &self.shared
            && !shared.following.catch_up().await
        {
            tracing::warn!("a reader of events may miss the last ones: the database is away");
        }
    }
}

/// Fills a log with what all daemons tell.
struct Filler {
    log: NoticeLog,
    /// Whether there was something that is not understood.
    strange: bool,
}

impl Filler {
    fn fill(&mut self, news: News) {
        if news.gap {
            self.log.break_off();
        }
        for told in news.told {
            match Body::parse(&told.body) {
                Ok(body) => self.log.add(body.at(told.at)),
                // Once is enough: there may be many, as long as daemons have different versions.
                Err(_) if self.strange => {}
                Err(error) => {
                    self.strange = true;
                    tracing::warn!(%error, "events that only a newer version knows are left out");
                }
            }
        }
    }
}
