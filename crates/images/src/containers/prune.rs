use sockerless_state::Job;

use super::ContainerFilter;
use crate::remove::already_running;
use crate::{Error, Images};
use sockerless_events::{Action, ObjectType};

impl Images {
    /// Removes every container that fits, since none runs; answers the IDs of those that it removed.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) while a daemon prunes containers already, and those of
    /// [`containers`](Self::containers). What was removed until then stays so.
    pub async fn prune_containers(&self, filter: ContainerFilter) -> Result<Vec<String>, Error> {
        let running = self.state.exclusive(Job::PruneContainers).await?;
        let _running = running.ok_or_else(already_running)?;
        let mut list = self.containers(filter).await?;
        let mut removed = Vec::new();
        loop {
            let page = list.next_page().await?;
            if page.is_empty() {
                self.publish_pruned(ObjectType::Container, 0).done().await;
                return Ok(removed);
            }
            for row in page {
                if self.state.remove_container(&row.id).await? {
                    self.publish_container(Action::Destroy, &row).done().await;
                    removed.push(row.id);
                }
            }
        }
    }
}
