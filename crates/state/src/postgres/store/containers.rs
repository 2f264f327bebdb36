//! Containers in PostgreSQL.

use async_trait::async_trait;
use sockerless_reference::Digest;

use crate::postgres::work::{attempt, transact};
use crate::postgres::{PostgresStore, container_pages, containers};
use crate::{
    Container, ContainerAdded, ContainerSelection, ContainerState, ContainerStore, Error, Renamed,
    Users,
};

#[async_trait]
impl ContainerStore for PostgresStore {
    async fn add_container(&self, container: &Container) -> Result<ContainerAdded, Error> {
        transact!(self.works, "adding a container", |transaction| {
            containers::add(transaction, container)
        })
    }

    async fn container(&self, word: &str) -> Result<Option<Container>, Error> {
        attempt!(self.works.again("finding a container"), |session| {
            containers::find(session, word)
        })
    }

    async fn containers(
        &self,
        selection: &ContainerSelection,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Container>, Error> {
        attempt!(self.works.again("listing containers"), |session| {
            container_pages::page(session, selection, after, limit)
        })
    }

    async fn rename_container(&self, id: &str, name: &str) -> Result<Renamed, Error> {
        attempt!(self.works.once("renaming a container"), |session| {
            containers::rename(session, id, name)
        })
    }

    async fn update_state(
        &self,
        id: &str,
        revision: u64,
        state: &ContainerState,
    ) -> Result<bool, Error> {
        attempt!(
            self.works.once("changing the state of a container"),
            |session| containers::update(session, id, revision, state)
        )
    }

    async fn remove_container(&self, id: &str) -> Result<bool, Error> {
        attempt!(self.works.once("removing a container"), |session| {
            containers::remove(session, id)
        })
    }

    async fn users(&self, ids: &[Digest]) -> Result<Vec<Users>, Error> {
        attempt!(self.works.again("looking for users"), |session| {
            containers::users(session, ids)
        })
    }
}
