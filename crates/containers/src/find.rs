use sockerless_state as state;

use crate::ContainerRow;
use crate::Containers;
use sockerless_images::{Error, Kind};

impl Containers {
    /// The container that `name` means: its ID, its name with or without a slash, or the beginning
    /// of its ID.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none, [`Kind::InvalidParameter`] when it is the beginning
    /// of several IDs, or empty.
    pub async fn get(&self, name: &str) -> Result<ContainerRow, Error> {
        if name.is_empty() {
            let message = "invalid name or ID supplied: \"\"";
            return Err(Error::new(Kind::InvalidParameter, message));
        }
        let word = name.strip_prefix('/').unwrap_or(name);
        match self.state.container(word).await {
            Ok(Some(container)) => ContainerRow::of(container),
            Ok(None) => Err(missing(name)),
            Err(error @ state::Error::Ambiguous { .. }) => {
                let message = format!("multiple IDs found with provided prefix: {name}");
                Err(Error::new(Kind::InvalidParameter, message).with_source(error))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Docker's words for a container that is not here.
pub(crate) fn missing(name: &str) -> Error {
    Error::new(Kind::NotFound, format!("No such container: {name}"))
}
