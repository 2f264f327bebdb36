//! Images in PostgreSQL.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use crate::postgres::work::{attempt, transact};
use crate::postgres::{
    PostgresStore, add, documents, find, names, places, registries, remove, variants,
};
use crate::{Added, Addition, Counts, Error, Found, ImageStore, ListPosition, Removal, Removed};

#[async_trait]
impl ImageStore for PostgresStore {
    async fn add(&self, addition: Addition) -> Result<Added, Error> {
        transact!(self.works, "adding images", |transaction| add::add(
            transaction,
            &addition
        ))
    }

    async fn find(&self, query: &Query) -> Result<Option<Found>, Error> {
        attempt!(self.works.again("finding an image"), |session| find::find(
            session, query
        ))
    }

    async fn tag(
        &self,
        source: &Query,
        name: &Reference,
        at: Timestamp,
    ) -> Result<Option<Digest>, Error> {
        attempt!(self.works.once("tagging an image"), |session| find::tag(
            session, source, name, at
        ))
    }

    async fn places(
        &self,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<Vec<ListPosition>, Error> {
        attempt!(self.works.again("listing images"), |session| places::next(
            session, after, limit
        ))
    }

    async fn with_ids(&self, ids: &[Digest]) -> Result<Vec<Found>, Error> {
        attempt!(
            self.works.again("listing images"),
            |session| find::with_ids(session, ids)
        )
    }

    async fn places_in(
        &self,
        beginnings: &[String],
        limit: usize,
    ) -> Result<Option<Vec<ListPosition>>, Error> {
        attempt!(self.works.again("looking for names"), |session| {
            places::in_repositories(session, beginnings, limit)
        })
    }

    async fn names_of(
        &self,
        repository: &str,
        after_tag: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Reference, Digest)>, Error> {
        attempt!(self.works.again("listing tags"), |session| names::of(
            session, repository, after_tag, limit
        ))
    }

    async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        attempt!(self.works.again("reading a document"), |session| {
            documents::get_bytes(session, digest)
        })
    }

    async fn record_push(
        &self,
        target: Digest,
        repo_digests: &[Reference],
        locations: &[(Digest, String)],
    ) -> Result<bool, Error> {
        attempt!(self.works.once("recording a push"), |session| {
            registries::record_push(session, target, repo_digests, locations)
        })
    }

    async fn remove(&self, removal: &Removal) -> Result<Removed, Error> {
        transact!(self.works, "removing images", |transaction| remove::remove(
            transaction,
            removal
        ))
    }

    async fn remove_variants(
        &self,
        target: Digest,
        manifests: &[Digest],
    ) -> Result<Removed, Error> {
        transact!(self.works, "removing variants of an image", |transaction| {
            variants::remove(transaction, target, manifests)
        })
    }

    async fn counts(&self) -> Result<Counts, Error> {
        attempt!(self.works.again("counting"), |session| documents::counts(
            session
        ))
    }

    async fn images_and_containers(&self) -> Result<(u64, u64), Error> {
        attempt!(self.works.again("counting"), |session| {
            documents::images_and_containers(session)
        })
    }
}
