//! Finding a container by ID, name or the start of its ID.

use sockerless_state as state;

use crate::ContainerRow;
use crate::Containers;
use sockerless_images::{Error, Kind};

impl Containers {
    /// The container that `name` denotes: an ID, a name with or without a slash, or the start of an
    /// ID.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none, [`Kind::InvalidParameter`] when `name` is the start
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

/// Docker's error for a container that does not exist.
pub(crate) fn missing(name: &str) -> Error {
    Error::new(Kind::NotFound, format!("No such container: {name}"))
}
