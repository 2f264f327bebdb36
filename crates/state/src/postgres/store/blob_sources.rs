//! Sources of blobs in PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;
use sockerless_reference::Digest;

use crate::postgres::work::{attempt, transact};
use crate::postgres::{PostgresStore, blobs, forget, registries, staged};
use crate::{Blob, BlobSources, Encoding, Error, Forgotten, Staged};

#[async_trait]
impl BlobSources for PostgresStore {
    async fn blobs_with_diff_ids(&self, diff_ids: &[Digest]) -> Result<Vec<Blob>, Error> {
        attempt!(self.works.again("looking for blobs"), |session| {
            blobs::with_diff_ids(session, diff_ids)
        })
    }

    async fn referenced(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        attempt!(self.works.again("looking for references"), |session| {
            blobs::referenced(session, digests)
        })
    }

    async fn locations(&self, digests: &[Digest]) -> Result<Vec<(Digest, String)>, Error> {
        attempt!(
            self.works.again("looking for locations of blobs"),
            |session| registries::locations(session, digests)
        )
    }

    async fn remember(
        &self,
        encodings: &[Encoding],
        locations: &[(Digest, String)],
    ) -> Result<(), Error> {
        attempt!(self.works.once("remembering encodings"), |session| {
            registries::remember(session, encodings, locations)
        })
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<Forgotten, Error> {
        transact!(self.works, "forgetting encodings", |transaction| {
            forget::forget(transaction, before, limit)
        })
    }

    async fn encodings(&self, diff_ids: &[Digest], encoding: &str) -> Result<Vec<Encoding>, Error> {
        attempt!(self.works.again("looking for encodings"), |session| {
            registries::encodings(session, diff_ids, encoding)
        })
    }

    async fn staged(&self, target: Digest, repository: &str) -> Result<Vec<Staged>, Error> {
        attempt!(self.works.again("looking for staged forms"), |session| {
            staged::of(session, target, repository)
        })
    }
}
