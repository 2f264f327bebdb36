//! The task that writes events into the table.

use std::hash::{BuildHasher as _, RandomState};

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::super::connect::Connector;
use super::super::fault::Fault;
use super::super::session::{Session, ask};
use super::pauses::Pauses;
use super::queue::{Lost, Queue, Waiting};
use super::{CHANNEL, PATIENCE};
use crate::Error;

/// Events that are written in one transaction.
const BATCH: usize = 256;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The lock for adding events. No other lock has its number.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7813046102775614)";

/// Numbered from the newest on, and each later than all before: the clock may go back, and several
/// come at once. Events that are stored already are sent again when a connection was lost during a
/// commit: the number of the last event of each writer is kept, so they are skipped.
///
/// The newest 1024 stay, as far as they have no more than 4 MiB; older ones are deleted now and then,
/// when there are 256 or 1 MiB more.
const ADD: &str = include_str!("add.sql");

const NOTIFY: &str = "SELECT pg_notify($1, '')";

/// No writer retries a commit for a week.
const FORGET: &str = "DELETE FROM event_writers WHERE at < now() - interval '7 days'";

/// Starts the task that writes the events of the queue. It ends with the last handle of that.
pub(super) fn start(connector: Connector) -> Queue {
    let (queue, waiting, lost) = Queue::new();
    tokio::spawn(Writer::new(connector, waiting, lost).run());
    queue
}

pub(super) struct Writer {
    connector: Connector,
    /// Its ID in the table of writers.
    id: i64,
    /// Number of the last event that is in the table.
    last: i64,
    session: Option<Session>,
    waiting: mpsc::Receiver<Waiting>,
    lost: Lost,
}

impl Writer {
    pub(super) fn new(connector: Connector, waiting: mpsc::Receiver<Waiting>, lost: Lost) -> Self {
        Self {
            connector,
            // The keys of every new hasher are random.
            id: RandomState::new().hash_one(()).cast_signed(),
            last: 0,
            session: None,
            waiting,
            lost,
        }
    }

    async fn run(mut self) {
        let mut batch = Vec::new();
        while self.waiting.recv_many(&mut batch, BATCH).await > 0 {
            if !self.write_down(&batch).await {
                self.lost.add(batch.len() as u64);
                break;
            }
            batch.drain(..).for_each(Waiting::told);
            self.lost.report();
        }
        self.lost.report();
    }

    /// Retries until they are in the table. False when all handles of the queue are gone.
    async fn write_down(&mut self, batch: &[Waiting]) -> bool {
        let numbers: Vec<i64> = (self.last + 1..).take(batch.len()).collect();
        let bodies: Vec<&str> = batch.iter().map(|event| event.body.as_str()).collect();
        let mut pauses = Pauses::default();
        loop {
            let Err(error) = self.attempt(&numbers, &bodies).await else {
                break;
            };
            // The outcome is not known, so the next attempt opens a new connection.
            self.session = None;
            if self.waiting.is_closed() {
                tracing::error!(error = &error as &dyn std::error::Error, "telling events");
                return false;
            }
            if pauses.is_first() {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "events cannot be told now; they wait"
                );
            }
            sleep(pauses.next()).await;
        }
        if !pauses.is_first() {
            tracing::info!("events are told again");
        }
        self.last += numbers.len() as i64;
        true
    }

    /// Writes those that are not in the table and never were.
    pub(super) async fn attempt(&mut self, numbers: &[i64], bodies: &[&str]) -> Result<(), Error> {
        let store = self.connector.store().to_owned();
        let done = timeout(PATIENCE, self.transact(numbers, bodies)).await;
        done.unwrap_or_else(|_| Err(Fault::unavailable("the server does not answer")))
            .map_err(|fault| fault.into_error(&store, "telling events"))
    }

    async fn transact(&mut self, numbers: &[i64], bodies: &[&str]) -> Result<(), Fault> {
        let session = match self.session.take() {
            Some(session) if !session.is_closed() => session,
            _ => {
                let session = Session::open(&self.connector).await?;
                session.run(FORGET).await?;
                session
            }
        };
        // Everything is sent at once. A daemon that dies in the middle does not hold the lock for
        // longer than the server needs.
        let asks = [
            ask!(LOCK),
            ask!(ADD, self.id, numbers, bodies),
            ask!(NOTIFY, CHANNEL),
            ask!("COMMIT"),
        ];
        session.all(Some(BEGIN), asks).await?;
        self.session = Some(session);
        Ok(())
    }
}
