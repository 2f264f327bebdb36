//! The locks of jobs that only one daemon does at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::connect::Connector;
use super::fault::Fault;
use super::schema::LOCKS;
use super::session::{Session, ask};
use super::value::get;
use super::work::Attempts;
use crate::{Exclusive, Job};

const LOCK: &str = "SELECT pg_try_advisory_lock($1, $2)";
const UNLOCK: &str = "SELECT pg_advisory_unlock($1, $2)";

/// How long releasing a lock may take. The server releases it when the connection ends.
const RELEASE: Duration = Duration::from_secs(10);

/// The jobs that this process does. Each holds a lock in the database, in a connection of its own.
#[derive(Clone)]
pub(super) struct JobLocks {
    connector: Connector,
    begun: Arc<Mutex<HashMap<Job, Stage>>>,
}

enum Stage {
    /// This process does it, or is about to.
    Held,
    /// It is done, and the lock is being released. The channel closes when it is.
    Releasing(watch::Receiver<()>),
}

impl JobLocks {
    pub(super) fn new(connector: Connector) -> Self {
        Self {
            connector,
            begun: Arc::default(),
        }
    }

    /// The right to do this job, unless it is taken. Waits for a lock that this process is
    /// releasing, so that doing a job twice in a row always works.
    pub(super) async fn begin(&self, job: Job) -> Result<Option<Exclusive>, Fault> {
        let Some(claim) = self.claim(job).await else {
            return Ok(None);
        };
        let lock = async {
            let session = Session::open(&self.connector).await;
            let session = session.map_err(Fault::unavailable)?;
            let rows = session.one(ask!(LOCK, LOCKS, job.number())).await?;
            let locked = rows.first().map(|row| get(row, 0)).transpose()?;
            Ok::<_, Fault>((session, locked))
        };
        let (session, locked) = Attempts::limit(lock).await?;
        if locked != Some(true) {
            return Ok(None);
        }
        // Dropping it may happen anywhere, and needs a runtime.
        let runtime = tokio::runtime::Handle::current();
        Ok(Some(Exclusive::new(move || {
            let released = claim.release();
            runtime.spawn(async move {
                let number = job.number();
                let unlock = session.one(ask!(UNLOCK, LOCKS, number));
                match timeout(RELEASE, unlock).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(fault)) => {
                        tracing::debug!(?job, ?fault, "a lock ends with its connection")
                    }
                    Err(_) => tracing::debug!(?job, "a lock is not given back in time"),
                }
                drop(released);
            });
        })))
    }

    /// Claims the job for this process. `None` when it is claimed already.
    async fn claim(&self, job: Job) -> Option<Claim> {
        loop {
            let mut released = {
                let mut begun = self.lock();
                match begun.get(&job) {
                    Some(Stage::Held) => return None,
                    Some(Stage::Releasing(released)) => released.clone(),
                    None => {
                        begun.insert(job, Stage::Held);
                        let jobs = self.clone();
                        return Some(Claim { jobs, job });
                    }
                }
            };
            // Nothing is ever sent: this ends when the channel is closed.
            while released.changed().await.is_ok() {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Job, Stage>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The claim of this process to a job, until it is dropped.
struct Claim {
    jobs: JobLocks,
    job: Job,
}

impl Claim {
    /// Marks the job as done; it can be claimed again once the returned values are dropped.
    fn release(self) -> (Self, watch::Sender<()>) {
        let (sender, receiver) = watch::channel(());
        self.jobs
            .lock()
            .insert(self.job, Stage::Releasing(receiver));
        // The claim is dropped first, then the waiting tasks look again.
        (self, sender)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.jobs.lock().remove(&self.job);
    }
}
