//! Jobs in SQLite.

use async_trait::async_trait;

use crate::sqlite::SqliteStore;
use crate::{Error, Exclusive, Job, Jobs};

#[async_trait]
impl Jobs for SqliteStore {
    async fn exclusive(&self, job: Job) -> Result<Option<Exclusive>, Error> {
        Ok(self.jobs.begin(job))
    }
}
