//! Where events are published and read.

use std::sync::Arc;

use jiff::Timestamp;
use sockerless_state::{Feed, Following, News, Telling};

use crate::log::EventLog;
use crate::{Action, Attributes, ObjectType, Occurrence, Subscription};

/// The events of this daemon alone, or those of all daemons that share a database. A handle, cheap
/// to clone.
#[derive(Debug, Clone, Default)]
pub struct Events {
    pub(crate) log: EventLog,
    shared: Option<Arc<Shared>>,
}

/// The feed that fills the log when other daemons publish too.
#[derive(Debug)]
struct Shared {
    feed: Feed,
    following: Following,
}

impl Events {
    /// The events of all daemons of `feed`; those of this one go there too. A task fills the log
    /// with them, so this must be called within a tokio runtime.
    #[must_use]
    pub fn shared(feed: Feed) -> Self {
        let log = EventLog::default();
        let mut filler = Filler {
            log: log.clone(),
            has_warned: false,
        };
        let following = feed.follow(move |news| filler.fill(news));
        let shared = Shared { feed, following };
        Self {
            log,
            shared: Some(Arc::new(shared)),
        }
    }

    /// Publishes something that happens now. Readers never delay it. The returned value reports
    /// when the event is where every daemon will find it.
    pub fn publish(&self, occurrence: Occurrence) -> Telling {
        let Some(shared) = &self.shared else {
            self.log.publish(occurrence);
            return Telling::default();
        };
        match occurrence.to_text() {
            Ok(text) => shared.feed.tell(text),
            Err(error) => {
                tracing::error!(%error, "an event is lost: it cannot be written as JSON");
                Telling::default()
            }
        }
    }

    /// Publishes how many bytes a pruning of objects of this type has freed.
    pub fn publish_pruned(&self, object: ObjectType, reclaimed: u64) -> Telling {
        self.publish(Occurrence {
            object,
            action: Action::Prune,
            id: String::new(),
            attributes: Attributes::from([("reclaimed".to_owned(), reclaimed.to_string())]),
        })
    }

    /// The events from `since` (from now on when absent) up to `until` (without end when absent).
    ///
    /// A bounded number of past events is kept, in memory or in the database of those that share
    /// them. Events of requests that any of these daemons answered before this call are included;
    /// this waits for them, up to 5 s while the database is unreachable.
    pub async fn subscribe(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Subscription {
        let asked_at = Timestamp::now();
        self.catch_up().await;
        Subscription::new(self.clone(), self.log.read(since), until, asked_at)
    }

    /// Waits, for a limited time, for what other daemons have published until now.
    pub(crate) async fn catch_up(&self) {
        if let Some(shared) = &self.shared
            && !shared.following.catch_up().await
        {
            tracing::warn!("a reader of events may miss the last ones: the database is away");
        }
    }
}

/// Fills a log with what all daemons publish.
struct Filler {
    log: EventLog,
    /// Whether an event that is not understood was reported.
    has_warned: bool,
}

impl Filler {
    fn fill(&mut self, news: News) {
        if news.gap {
            self.log.skip();
        }
        for told in news.told {
            match Occurrence::parse(&told.body) {
                Ok(occurrence) => self.log.add(occurrence.at(told.at)),
                // Reported once: there may be many while daemons have different versions.
                Err(_) if self.has_warned => {}
                Err(error) => {
                    self.has_warned = true;
                    tracing::warn!(%error, "events that only a newer version knows are left out");
                }
            }
        }
    }
}
