//! Removing all containers that match a filter.

use sockerless_state::Job;

use super::ContainerFilter;
use crate::Containers;
use sockerless_events::{Action, ObjectType};
use sockerless_images::Error;

impl Containers {
    /// Removes every container that matches, since none runs. Returns the IDs of the removed ones.
    ///
    /// # Errors
    /// [`Kind::Conflict`](sockerless_images::Kind::Conflict) while a daemon is already pruning
    /// containers, and those of [`list`](Self::list). Containers removed before an error stay
    /// removed.
    pub async fn prune(&self, filter: ContainerFilter) -> Result<Vec<String>, Error> {
        let running = self.state.exclusive(Job::PruneContainers).await?;
        let _running = running.ok_or_else(Error::already_pruning)?;
        let mut list = self.list(filter).await?;
        let mut removed = Vec::new();
        loop {
            let page = list.next_page().await?;
            if page.is_empty() {
                let pruned = self.images.events();
                let pruned = pruned.publish_pruned(ObjectType::Container, 0);
                pruned.done().await;
                return Ok(removed);
            }
            for row in page {
                if self.state.remove_container(&row.id).await? {
                    self.publish(Action::Destroy, &row).done().await;
                    removed.push(row.id);
                }
            }
        }
    }
}
