//! Jobs in PostgreSQL.

use async_trait::async_trait;

use crate::postgres::PostgresStore;
use crate::{Error, Exclusive, Job, Jobs};

#[async_trait]
impl Jobs for PostgresStore {
    async fn exclusive(&self, job: Job) -> Result<Option<Exclusive>, Error> {
        let begun = self.jobs.begin(job).await;
        begun.map_err(|fault| fault.into_error(self.works.connector().store(), "beginning a job"))
    }
}
