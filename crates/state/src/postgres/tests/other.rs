//! Another client of the same database.

use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::timeout;

use super::server::postgres;
use crate::postgres::connect::Connector;
use crate::postgres::session::{Session, ask};

/// How long anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Transactions of others that wait for a lock on a table.
const WAITING: &str = "SELECT count(*) FROM pg_locks WHERE NOT granted \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Ends the connections of all others.
const CUT: &str = "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid() \
    AND backend_type = 'client backend'";

/// Ends those that wait for a lock.
const CUT_WAITING: &str = "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_locks \
    WHERE NOT granted \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

pub(super) struct Other(Session);

impl Other {
    pub(super) async fn new(database: &str) -> Self {
        Self::at(&postgres().url(database)).await
    }

    pub(super) async fn at(url: &str) -> Self {
        let connector = Connector::new(url).await.unwrap();
        Self(Session::open(&connector).await.unwrap())
    }

    pub(super) async fn run(&self, sql: &str) {
        self.0.run(sql).await.unwrap();
    }

    /// Makes writes to this table wait from now on.
    pub(super) async fn hold(&self, table: &str) {
        let sql = format!("BEGIN; LOCK TABLE {table} IN SHARE MODE");
        self.run(&sql).await;
    }

    pub(super) async fn let_go(&self) {
        self.run("COMMIT").await;
    }

    pub(super) async fn count(&self, sql: &'static str) -> i64 {
        let rows = self.0.one(ask!(sql)).await.unwrap();
        rows[0].get(0)
    }

    /// Waits until this many transactions wait for a lock.
    pub(super) async fn until_waiting(&self, wanted: i64) {
        let waiting = async {
            while self.count(WAITING).await != wanted {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap();
    }

    /// Polls the work until it waits for a lock. It must not end before.
    pub(super) async fn until_it_waits<T>(&self, work: impl Future<Output = T> + Unpin) {
        let waiting = Box::pin(self.until_waiting(1));
        match futures_util::future::select(work, waiting).await {
            futures_util::future::Either::Left(_) => panic!("it did not wait"),
            futures_util::future::Either::Right(_) => {}
        }
    }

    pub(super) async fn cut(&self) -> i64 {
        self.count(CUT).await
    }

    pub(super) async fn cut_waiting(&self) -> i64 {
        self.count(CUT_WAITING).await
    }
}

/// Whether the work is not done yet.
pub(super) fn is_pending<T>(work: impl Future<Output = T>) -> bool {
    work.now_or_never().is_none()
}
