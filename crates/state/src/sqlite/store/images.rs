//! Images in SQLite.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use crate::sqlite::{
    SqliteStore, add, containers, documents, find, images, names, remove, variants,
};
use crate::{Added, Addition, Counts, Error, Found, ImageStore, ListPosition, Removal, Removed};

#[async_trait]
impl ImageStore for SqliteStore {
    async fn add(&self, addition: Addition) -> Result<Added, Error> {
        let large = add::is_large(&addition);
        let add = move |connection: &_| add::add(connection, &addition);
        self.writer.ask_much(large, "adding images", add).await
    }

    async fn find(&self, query: &Query) -> Result<Option<Found>, Error> {
        let query = query.clone();
        let find = move |connection: &_| find::find(connection, &query);
        self.read("finding an image", find).await
    }

    async fn tag(
        &self,
        source: &Query,
        name: &Reference,
        at: Timestamp,
    ) -> Result<Option<Digest>, Error> {
        let (source, name) = (source.clone(), name.clone());
        let tag = move |connection: &_| find::tag(connection, &source, &name, at);
        self.writer.ask("tagging an image", tag).await
    }

    async fn places(
        &self,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<Vec<ListPosition>, Error> {
        let places = move |connection: &_| images::places(connection, after, limit);
        self.read("listing images", places).await
    }

    async fn with_ids(&self, ids: &[Digest]) -> Result<Vec<Found>, Error> {
        let ids = ids.to_vec();
        let images = move |connection: &_| find::with_ids(connection, &ids);
        self.read("listing images", images).await
    }

    async fn places_in(
        &self,
        beginnings: &[String],
        limit: usize,
    ) -> Result<Option<Vec<ListPosition>>, Error> {
        let beginnings = beginnings.to_vec();
        let places = move |connection: &_| images::places_in(connection, &beginnings, limit);
        self.read("looking for names", places).await
    }

    async fn names_of(
        &self,
        repository: &str,
        after_tag: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Reference, Digest)>, Error> {
        let (repository, after) = (repository.to_owned(), after_tag.map(str::to_owned));
        let names =
            move |connection: &_| names::of(connection, &repository, after.as_deref(), limit);
        self.read("listing tags", names).await
    }

    async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        let document = move |connection: &_| documents::get(connection, digest);
        self.read("reading a document", document).await
    }

    async fn record_push(
        &self,
        target: Digest,
        repo_digests: &[Reference],
        locations: &[(Digest, String)],
    ) -> Result<bool, Error> {
        let (repo_digests, locations) = (repo_digests.to_vec(), locations.to_vec());
        let record =
            move |connection: &_| add::record_push(connection, target, &repo_digests, &locations);
        self.writer.ask("recording a push", record).await
    }

    async fn remove(&self, removal: &Removal) -> Result<Removed, Error> {
        let removal = removal.clone();
        let large = remove::is_large(&removal);
        let remove = move |connection: &_| remove::remove(connection, &removal);
        self.writer.ask_much(large, "removing images", remove).await
    }

    async fn remove_variants(
        &self,
        target: Digest,
        manifests: &[Digest],
    ) -> Result<Removed, Error> {
        let manifests = manifests.to_vec();
        let remove = move |connection: &_| variants::remove(connection, target, &manifests);
        self.writer
            .ask_much(true, "removing variants of an image", remove)
            .await
    }

    async fn counts(&self) -> Result<Counts, Error> {
        let counts = |connection: &_| {
            Ok(Counts {
                images: images::count(connection)?,
                names: names::count(connection)?,
                containers: containers::count(connection)?,
            })
        };
        self.read("counting", counts).await
    }

    async fn images_and_containers(&self) -> Result<(u64, u64), Error> {
        let counts =
            |connection: &_| Ok((images::count(connection)?, containers::count(connection)?));
        self.read("counting", counts).await
    }
}
