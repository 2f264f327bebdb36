//! A serialisable transaction in few round trips.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::Row;

use super::fault::Fault;
use super::session::{Ask, Session};

/// Fails when another transaction conflicts.
const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

/// Several statements that are done together or not at all.
///
/// It begins with its first statements, in the same round trip. These must only read: if it does
/// not begin, they are transactions of their own.
pub(super) struct Transaction<'a> {
    session: &'a Session,
    begun: AtomicBool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self {
            session,
            begun: AtomicBool::new(false),
        }
    }

    /// Runs statements in their order: one round trip.
    pub(super) async fn all<const N: usize>(
        &self,
        asks: [Ask<'_>; N],
    ) -> Result<[Vec<Row>; N], Fault> {
        let first = !self.begun.swap(true, Ordering::Relaxed);
        self.session.all(first.then_some(BEGIN), asks).await
    }

    /// Commits everything. A transaction without statements need not be ended.
    pub(super) async fn commit(self) -> Result<(), Fault> {
        if self.begun.into_inner() {
            self.session.run("COMMIT").await.map_err(Fault::at_commit)?;
        }
        Ok(())
    }
}
