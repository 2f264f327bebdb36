//! The pool of connections.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::connect::Connector;
use super::fault::Fault;
use super::session::Session;

/// Connections of one daemon. A look-up takes a millisecond, so these answer ten thousand requests
/// in a second; a server takes a hundred by default, of all daemons together.
pub(super) const CONNECTIONS: usize = 16;

/// How long to wait until a connection is free.
const FREE: Duration = Duration::from_secs(10);

/// After how much idle time a connection is tested before use: it may have been cut off unnoticed.
const RESTED: Duration = Duration::from_secs(1);

/// How long that test may take.
const ALIVE: Duration = Duration::from_secs(2);

/// After how much idle time it is closed.
const IDLE: Duration = Duration::from_secs(300);

/// The connections of a store. They are opened when they are needed.
pub(super) struct Pool {
    connector: Connector,
    permits: Semaphore,
    /// The one that was used last is the last one.
    idle: Mutex<Vec<Session>>,
    /// How long to wait until a connection is free.
    pub(super) patience: Duration,
}

/// A connection in exclusive use. Unless it is given back it is closed, so that none is reused in
/// the middle of a transaction.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    pub(super) session: Session,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self {
            connector,
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::default(),
            patience: FREE,
        }
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// A connection that is alive, as far as is known.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, Fault> {
        let permit = timeout(self.patience, self.permits.acquire()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(Fault::unavailable(format!(
                "no connection became free within {} s",
                self.patience.as_secs()
            )));
        };
        let session = match self.rested().await {
            Some(session) => session,
            None => Session::open(&self.connector)
                .await
                .map_err(Fault::unavailable)?,
        };
        Ok(Lease {
            pool: self,
            session,
            _permit: permit,
        })
    }

    /// Closes the idle connections. Called when another connection of the pool was dead.
    pub(super) fn discard(&self) {
        self.idle().clear();
    }

    async fn rested(&self) -> Option<Session> {
        loop {
            let session = self.idle().pop()?;
            if session.is_closed() {
                continue;
            }
            if session.rested.elapsed() < RESTED {
                return Some(session);
            }
            if let Ok(Ok(())) = timeout(ALIVE, session.run("")).await {
                return Some(session);
            }
            // Those below were idle for longer.
            self.discard();
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    /// Gives the connection back. No transaction may be open in it.
    pub(super) fn give_back(mut self) {
        self.session.rested = Instant::now();
        let mut idle = self.pool.idle();
        let stale = idle
            .iter()
            .take_while(|session| session.rested.elapsed() > IDLE)
            .count();
        drop(idle.drain(..stale));
        idle.push(self.session);
    }
}
