//! Events between the daemons that share a database: short texts in one order, which is the same
//! for all.
//!
//! The table `events` has the newest of them. A writer holds a lock until they are committed, so
//! their places are in the order of the commits: a reader that has seen one has seen all before it.
//! `NOTIFY` only reports that there are new ones; losing one with a connection does not matter.

mod pauses;
mod queue;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::time::Duration;

use jiff::Timestamp;

use self::queue::Queue;
use super::connect::Connector;
pub use queue::Telling;
pub use reader::Following;

/// The channel of `NOTIFY` for new events.
const CHANNEL: &str = "sockerless_notices";

/// How long one exchange with the database may take. A slower connection counts as dead.
const PATIENCE: Duration = Duration::from_secs(15);

/// Events of all daemons that share a database. Cheap to clone: a handle. As long as there is one,
/// a task writes the events that are sent.
#[derive(Debug, Clone)]
pub struct Feed {
    connector: Connector,
    queue: Queue,
}

/// An event as all daemons see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its time by the database's clock. Later than all before it.
    pub at: Timestamp,
    /// The text of the event.
    pub body: String,
}

/// New events for a follower of a [`Feed`].
#[derive(Debug)]
pub struct News {
    /// Whether events between the previous news and these may be missing: they are no longer kept,
    /// or the database was restored to an earlier state. True for the first news, which are all
    /// events that are kept.
    pub gap: bool,
    /// The events, in order.
    pub told: Vec<Told>,
}

impl Feed {
    /// The feed in the database of `connector`, which must have the tables. Starts a task.
    pub(super) fn new(connector: Connector) -> Self {
        let queue = writer::start(connector.clone());
        Self { connector, queue }
    }

    /// Sends an event to all followers, this process too, and never twice; events of this handle
    /// stay in their order. While the database cannot be reached, up to 1024 events and 4 MiB of
    /// them wait for it. Further ones are lost, as is one with a NUL character; both are logged.
    pub fn tell(&self, body: String) -> Telling {
        self.queue.put(body)
    }

    /// Calls `on_news` for the kept events and then for all new ones, each once and in order, from
    /// a task that ends when the returned handle is dropped. While the database cannot be reached
    /// it retries.
    pub fn follow(&self, on_news: impl FnMut(News) + Send + 'static) -> Following {
        reader::start(self.connector.clone(), on_news)
    }
}
