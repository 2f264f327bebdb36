//! Reading events.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::log::{Cursor, Position};
use crate::{Event, Events};

/// Reads events: first the requested past ones, then each new one.
#[derive(Debug)]
pub struct Subscription {
    events: Events,
    /// The next one.
    next: Cursor,
    until: Option<Timestamp>,
    /// Whether everything up to the end has been fetched.
    ended: bool,
}

impl Subscription {
    /// A subscription that begins at `next`. Everything published before `asked_at` is already in
    /// the log.
    pub(crate) fn new(
        events: Events,
        next: Cursor,
        until: Option<Timestamp>,
        asked_at: Timestamp,
    ) -> Self {
        Self {
            events,
            next,
            ended: until.is_some_and(|until| until < asked_at),
            until,
        }
    }

    /// The next one. `None` when there will be no more: the time that was asked for is over, or
    /// this reader was so slow that events it had not read are gone.
    pub async fn next(&mut self) -> Option<Arc<Event>> {
        loop {
            match self.next.take() {
                Position::Here(event) => {
                    return Some(event)
                        .filter(|event| self.until.is_none_or(|until| event.at <= until));
                }
                Position::Behind => {
                    tracing::info!("a reader of events is too slow and is cut off");
                    return None;
                }
                Position::Ahead => {}
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
                        // An event published in time may still be on its way from another daemon.
                        self.events.catch_up().await;
                        self.ended = true;
                    }
                }
            }
        }
    }
}
