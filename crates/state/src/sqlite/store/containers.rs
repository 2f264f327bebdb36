//! Containers in SQLite.

use async_trait::async_trait;
use sockerless_reference::Digest;

use crate::sqlite::{SqliteStore, container_pages, containers};
use crate::{
    Container, ContainerAdded, ContainerSelection, ContainerState, ContainerStore, Error, Renamed,
    Users,
};

#[async_trait]
impl ContainerStore for SqliteStore {
    async fn add_container(&self, container: &Container) -> Result<ContainerAdded, Error> {
        let container = container.clone();
        let add = move |connection: &_| containers::add(connection, &container);
        self.writer.ask("adding a container", add).await
    }

    async fn container(&self, word: &str) -> Result<Option<Container>, Error> {
        let word = word.to_owned();
        let find = move |connection: &_| containers::find(connection, &word);
        self.read("finding a container", find).await
    }

    async fn containers(
        &self,
        selection: &ContainerSelection,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Container>, Error> {
        let (selection, after) = (selection.clone(), after.map(str::to_owned));
        let page = move |connection: &_| {
            container_pages::page(connection, &selection, after.as_deref(), limit)
        };
        self.read("listing containers", page).await
    }

    async fn rename_container(&self, id: &str, name: &str) -> Result<Renamed, Error> {
        let (id, name) = (id.to_owned(), name.to_owned());
        let rename = move |connection: &_| containers::rename(connection, &id, &name);
        self.writer.ask("renaming a container", rename).await
    }

    async fn update_state(
        &self,
        id: &str,
        revision: u64,
        state: &ContainerState,
    ) -> Result<bool, Error> {
        let (id, state) = (id.to_owned(), state.clone());
        let update = move |connection: &_| containers::update(connection, &id, revision, &state);
        self.writer
            .ask("changing the state of a container", update)
            .await
    }

    async fn remove_container(&self, id: &str) -> Result<bool, Error> {
        let id = id.to_owned();
        let remove = move |connection: &_| containers::remove(connection, &id);
        self.writer.ask("removing a container", remove).await
    }

    async fn users(&self, ids: &[Digest]) -> Result<Vec<Users>, Error> {
        let ids = ids.to_vec();
        let users = move |connection: &_| containers::users(connection, &ids);
        self.read("looking for users", users).await
    }
}
