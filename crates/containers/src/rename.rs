//! Renaming a container.

use sockerless_state::Renamed;

use super::find::missing;
use super::name;
use crate::Containers;
use sockerless_events::Action;
use sockerless_images::{Error, Kind};

impl Containers {
    /// Gives a container another name.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is no such container, [`Kind::Conflict`] when another has the
    /// name, [`Kind::InvalidParameter`] for an invalid name or the container's present one; with
    /// Docker's messages.
    pub async fn rename(&self, container: &str, name: &str) -> Result<(), Error> {
        let invalid = |message: &str| Error::new(Kind::InvalidParameter, message);
        if container.is_empty() || name.is_empty() {
            return Err(invalid("Neither old nor new names may be empty"));
        }
        let mut row = self.get(container).await?;
        if name.strip_prefix('/').unwrap_or(name) == row.name {
            return Err(invalid(
                "Renaming a container with the same name as its current name",
            ));
        }
        // Docker shows it with the slash.
        let slashed = format!("/{}", name.strip_prefix('/').unwrap_or(name));
        let name = name::checked(&slashed).map_err(while_renaming)?;
        match self.state.rename_container(&row.id, name).await? {
            Renamed::Done => {
                let old = format!("/{}", std::mem::replace(&mut row.name, name.to_owned()));
                let telling = self.publish_with(Action::Rename, &row, Some(("oldName", old)));
                telling.done().await;
                Ok(())
            }
            Renamed::NameTaken { by } => Err(while_renaming(name::taken(name, &by))),
            Renamed::Gone => Err(missing(container)),
        }
    }
}

fn while_renaming(error: Error) -> Error {
    let message = format!("Error when allocating new name: {error}");
    Error::new(error.kind(), message)
}
