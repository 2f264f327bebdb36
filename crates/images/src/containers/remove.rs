use super::find::missing;
use crate::{Error, Images};
use sockerless_events::Action;

impl Images {
    /// Removes a container.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) when there is none.
    pub async fn remove_container(&self, container: &str) -> Result<(), Error> {
        let row = self.container(container).await?;
        match self.state.remove_container(&row.id).await? {
            true => {
                self.publish_container(Action::Destroy, &row).done().await;
                Ok(())
            }
            false => Err(missing(container)),
        }
    }
}
