//! Runs work in the database, and retries it.

use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::connect::Connector;
use super::fault::{Fault, Remedy};
use super::pool::{Lease, Pool};
use crate::Error;

/// How long one attempt may take. The server ends a statement sooner; this is for a server that
/// disappeared.
const ATTEMPT: Duration = Duration::from_secs(45);

/// How long to retry after conflicts.
const CONFLICTS: Duration = Duration::from_secs(15);

/// The longest pause before the second attempt; it doubles from one to the next.
const PAUSE: Duration = Duration::from_millis(4);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Runs work in the connections of a pool.
pub(super) struct Works {
    pub(super) pool: Pool,
    /// Held by a retry after a conflict, so that the transactions of one daemon do not conflict
    /// with each other again.
    turn: Mutex<()>,
    /// How long to retry after conflicts.
    pub(super) patience: Duration,
}

impl Works {
    pub(super) fn new(connector: Connector) -> Self {
        Self {
            pool: Pool::new(connector),
            turn: Mutex::const_new(()),
            patience: CONFLICTS,
        }
    }

    pub(super) fn connector(&self) -> &Connector {
        self.pool.connector()
    }

    /// Attempts at work that may be retried when it is not known whether it was done: it only
    /// reads, or commits at its end and reports itself when that is in doubt.
    pub(super) fn again(&self, doing: &'static str) -> Attempts<'_> {
        self.attempts(doing, true)
    }

    /// Attempts at work that may not be retried then: a statement that changes something and is a
    /// transaction of its own.
    pub(super) fn once(&self, doing: &'static str) -> Attempts<'_> {
        self.attempts(doing, false)
    }

    fn attempts(&self, doing: &'static str, repeatable: bool) -> Attempts<'_> {
        Attempts {
            works: self,
            doing,
            repeatable,
            reconnected: false,
            end: None,
            pauses: Pauses::default(),
            turn: None,
        }
    }
}

/// The attempts at one piece of work.
pub(super) struct Attempts<'a> {
    works: &'a Works,
    doing: &'static str,
    /// Whether it may be done twice.
    repeatable: bool,
    reconnected: bool,
    /// When to stop retrying after conflicts. `None` before the first conflict.
    end: Option<Instant>,
    pauses: Pauses,
    turn: Option<MutexGuard<'a, ()>>,
}

/// Runs `$work` in a connection, with retries.
macro_rules! attempt {
    ($attempts:expr, |$session:ident| $work:expr) => {{
        let mut attempts = $attempts;
        loop {
            let lease = attempts.lease().await?;
            let $session = &lease.session;
            let result = $crate::postgres::work::Attempts::limit($work).await;
            if let Some(end) = attempts.end(lease, result).await {
                break end;
            }
        }
    }};
}
pub(super) use attempt;

/// Runs `$work` in a transaction, with retries.
macro_rules! transact {
    ($works:expr, $doing:expr, |$transaction:ident| $work:expr) => {
        $crate::postgres::work::attempt!($works.again($doing), |session| async {
            let transaction = $crate::postgres::transaction::Transaction::new(session);
            let $transaction = &transaction;
            let done = $work.await?;
            transaction.commit().await?;
            Ok(done)
        })
    };
}
pub(super) use transact;

impl<'a> Attempts<'a> {
    pub(super) async fn lease(&self) -> Result<Lease<'a>, Error> {
        let lease = self.works.pool.lease().await;
        lease.map_err(|fault| self.explain(fault))
    }

    /// The work, with a timeout.
    pub(super) async fn limit<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let Ok(result) = timeout(ATTEMPT, work).await else {
            return Err(Fault::unavailable(format!(
                "the server did not answer within {} s",
                ATTEMPT.as_secs()
            )));
        };
        result
    }

    /// The result of the work, or `None` when it has to be retried.
    pub(super) async fn end<T>(
        &mut self,
        lease: Lease<'_>,
        result: Result<T, Fault>,
    ) -> Option<Result<T, Error>> {
        let fault = match result {
            Ok(done) => {
                lease.give_back();
                return Some(Ok(done));
            }
            Err(fault) => fault,
        };
        match fault.remedy() {
            Remedy::None => {
                roll_back(lease).await;
                Some(Err(self.explain(fault)))
            }
            Remedy::Again => {
                roll_back(lease).await;
                let now = Instant::now();
                let end = *self.end.get_or_insert(now + self.works.patience);
                if now >= end {
                    return Some(Err(self.explain(fault)));
                }
                if self.turn.is_none() {
                    self.turn = timeout_at(end, self.works.turn.lock()).await.ok();
                }
                sleep(self.pauses.next()).await;
                None
            }
            Remedy::Reconnect if !self.reconnected => {
                self.reconnect();
                None
            }
            Remedy::Doubt if self.repeatable && !self.reconnected => {
                self.reconnect();
                None
            }
            Remedy::Reconnect | Remedy::Doubt | Remedy::Disconnect => {
                Some(Err(self.explain(fault)))
            }
        }
    }

    /// Makes the next attempt use a new connection, once.
    fn reconnect(&mut self) {
        self.reconnected = true;
        // They were opened before the lost one.
        self.works.pool.discard();
    }

    fn explain(&self, fault: Fault) -> Error {
        fault.into_error(self.works.connector().store(), self.doing)
    }
}

/// Ends the transaction, if one is open, and gives the connection back; if that fails, closes it.
async fn roll_back(lease: Lease<'_>) {
    if let Ok(Ok(())) = timeout(ATTEMPT, lease.session.run("ROLLBACK")).await {
        lease.give_back();
    }
}

/// Pauses of growing length, each shortened randomly.
#[derive(Default)]
struct Pauses {
    count: u32,
}

impl Pauses {
    fn next(&mut self) -> Duration {
        let longest = PAUSE
            .saturating_mul(1 << self.count.min(10))
            .min(LONGEST_PAUSE);
        self.count += 1;
        // The keys of every new hasher are random, which is random enough for this.
        let chance = RandomState::new().hash_one(self.count) % 1000;
        longest.mul_f64(chance as f64 / 1000.0)
    }
}
