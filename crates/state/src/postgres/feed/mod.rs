//! What the daemons that share a database tell each other: short texts in one order, which is the
//! same for all.
//!
//! They are in the table `events`, the newest of them. Whoever adds some takes a lock until they
//! are committed, so their places are in the order of the commits: who has seen one has seen all
//! before it. `NOTIFY` says that there are new ones and nothing more; that one is lost with a
//! connection does not matter.

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

/// The channel of `NOTIFY` that says that there are new ones.
const CHANNEL: &str = "sockerless_notices";

/// How long one exchange with the database may take. A connection that is slower is taken for dead.
const PATIENCE: Duration = Duration::from_secs(15);

/// Notices of all daemons that share a database. Cheap to clone: a handle. As long as there is one,
/// a task writes down what is told.
#[derive(Debug, Clone)]
pub struct Feed {
    connector: Connector,
    queue: Queue,
}

/// An event as all daemons see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When, by the database's clock. Later than all before it.
    pub at: Timestamp,
    /// What was told.
    pub body: String,
}

/// What is new to somebody who follows a [`Feed`].
#[derive(Debug)]
pub struct News {
    /// Whether events between those that were given before and these may be missing: they are no
    /// longer kept, or the database was put back to an earlier state. So it is with the first news,
    /// which are all events that are kept.
    pub gap: bool,
    /// In order.
    pub told: Vec<Told>,
}

impl Feed {
    /// The feed in the database of `connector`, in which the tables have to be. Starts a task.
    pub(super) fn new(connector: Connector) -> Self {
        let queue = writer::start(connector.clone());
        Self { connector, queue }
    }

    /// Tells something to all who follow, this process too, and never twice; what this handle tells
    /// stays in its order. While the database is away, up to 1024 events and 4 MiB of them wait for
    /// it. Further ones are lost, as is one with a NUL character; the log says so.
    pub fn tell(&self, body: String) -> Telling {
        self.queue.put(body)
    }

    /// Calls `on_news` for what is kept and then for everything new, each event once and in order,
    /// from a task that ends when what is returned is dropped. While the database is away it tries
    /// again and again.
    pub fn follow(&self, on_news: impl FnMut(News) + Send + 'static) -> Following {
        reader::start(self.connector.clone(), on_news)
    }
}
