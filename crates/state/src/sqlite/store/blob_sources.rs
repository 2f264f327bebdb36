//! Sources of blobs in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sockerless_reference::Digest;

use crate::sqlite::{SqliteStore, blobs, encodings, forget, locations, staged};
use crate::{Blob, BlobSources, Encoding, Error, Forgotten, Staged};

#[async_trait]
impl BlobSources for SqliteStore {
    async fn blobs_with_diff_ids(&self, diff_ids: &[Digest]) -> Result<Vec<Blob>, Error> {
        let diff_ids = diff_ids.to_vec();
        let blobs = move |connection: &_| blobs::with_diff_ids(connection, &diff_ids);
        self.read("looking for blobs", blobs).await
    }

    async fn referenced(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let digests = digests.to_vec();
        let referenced = move |connection: &_| blobs::referenced(connection, &digests);
        self.read("looking for references", referenced).await
    }

    async fn locations(&self, digests: &[Digest]) -> Result<Vec<(Digest, String)>, Error> {
        let digests = digests.to_vec();
        let locations = move |connection: &_| locations::of(connection, &digests);
        self.read("looking for locations of blobs", locations).await
    }

    async fn remember(
        &self,
        encodings: &[Encoding],
        locations: &[(Digest, String)],
    ) -> Result<(), Error> {
        let (encodings, locations) = (encodings.to_vec(), locations.to_vec());
        let remember = move |connection: &_| {
            encodings::set(connection, &encodings)?;
            locations::add(connection, &locations)
        };
        self.writer.ask("remembering encodings", remember).await
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<Forgotten, Error> {
        let forget = move |connection: &_| forget::forget(connection, before, limit);
        self.writer.ask("forgetting encodings", forget).await
    }

    async fn encodings(&self, diff_ids: &[Digest], encoding: &str) -> Result<Vec<Encoding>, Error> {
        let (diff_ids, encoding) = (diff_ids.to_vec(), encoding.to_owned());
        let encodings = move |connection: &_| encodings::of(connection, &diff_ids, &encoding);
        self.read("looking for encodings", encodings).await
    }

    async fn staged(&self, target: Digest, repository: &str) -> Result<Vec<Staged>, Error> {
        let repository = repository.to_owned();
        let staged = move |connection: &_| staged::of(connection, target, &repository);
        self.read("looking for staged forms", staged).await
    }
}
