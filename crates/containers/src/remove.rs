//! Removing a container.

use super::find::missing;
use crate::Containers;
use sockerless_events::Action;
use sockerless_images::Error;

impl Containers {
    /// Removes a container.
    ///
    /// # Errors
    /// [`Kind::NotFound`](sockerless_images::Kind::NotFound) when there is none.
    pub async fn remove(&self, container: &str) -> Result<(), Error> {
        let row = self.get(container).await?;
        match self.state.remove_container(&row.id).await? {
            true => {
                self.publish(Action::Destroy, &row).done().await;
                Ok(())
            }
            false => Err(missing(container)),
        }
    }
}
