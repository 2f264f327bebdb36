//! The contract of a store of containers.

use std::fmt::Debug;

use async_trait::async_trait;
use sockerless_reference::Digest;

use crate::{Container, ContainerAdded, ContainerSelection, ContainerState, Error, Renamed, Users};

/// The records of containers.
///
/// The guarantees of every method are described at [`StateStore`](crate::StateStore).
#[async_trait]
pub trait ContainerStore: Debug + Send + Sync + 'static {
    /// Adds a container, if its name is free and its image is here.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for an ID that is not 64 lowercase hexadecimal characters, for one
    /// that exists already, for an empty name, and for a state as for
    /// [`update_state`](Self::update_state).
    async fn add_container(&self, container: &Container) -> Result<ContainerAdded, Error>;

    /// The container that `word` means: its full ID, otherwise its name, otherwise a prefix of its
    /// ID.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when it is only a prefix of several IDs.
    async fn container(&self, word: &str) -> Result<Option<Container>, Error>;

    /// The next containers of the selection in order of ID after `after`; at most `limit`. An empty
    /// page is the end.
    async fn containers(
        &self,
        selection: &ContainerSelection,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Container>, Error>;

    /// Gives the container with this full ID another name, if that is free.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for an empty name.
    async fn rename_container(&self, id: &str, name: &str) -> Result<Renamed, Error>;

    /// Replaces the state of the container with this full ID, if the number of its last change is
    /// `revision`: of two callers that have seen the same state only one succeeds. The number of
    /// this change is one higher.
    ///
    /// Returns `false` and changes nothing when there is no such container, or its state was
    /// changed since.
    ///
    /// # Errors
    /// [`Error::Unstorable`] for a text with a zero byte and for a time before 1678 or after 2261.
    async fn update_state(
        &self,
        id: &str,
        revision: u64,
        state: &ContainerState,
    ) -> Result<bool, Error>;

    /// Removes the container with this full ID. Returns `false` when there is none.
    async fn remove_container(&self, id: &str) -> Result<bool, Error>;

    /// The containers of those of these image IDs that have any, in the order of `ids`.
    ///
    /// A container uses the target that it was created from. When that was removed by force and the
    /// same image is added again, perhaps with another target, it uses that one.
    async fn users(&self, ids: &[Digest]) -> Result<Vec<Users>, Error>;
}
