//! Gives images new names.

use jiff::Timestamp;
use sockerless_reference::{Query, Reference};

use crate::events::ImageEvent;
use crate::{Error, Images, Kind};
use sockerless_events::Action;

impl Images {
    /// Points `repository[:tag]` to the image that `source` means. `tag` overrides one in
    /// `repository`; without either it is `latest`.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is no such image (also when `source` is not a valid name),
    /// [`Kind::InvalidParameter`] for an invalid new name, with Docker's message.
    pub async fn tag(&self, source: &str, repository: &str, tag: &str) -> Result<(), Error> {
        let name = Reference::tag_target(repository, tag)
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let query = Query::parse(source).map_err(|error| {
            Error::new(Kind::NotFound, format!("No such image: {source}")).with_source(error)
        })?;
        let tagged = self.state.tag(&query, &name, Timestamp::now()).await;
        match tagged.map_err(|error| Error::state(error, &query))? {
            Some(id) => {
                let config = self.state.document(id).await?.unwrap_or_default();
                let telling = self.publish_image(ImageEvent {
                    action: Action::Tag,
                    id: id.to_string(),
                    name: name.familiar().to_owned(),
                    labels: self.labels_of(&config).await,
                });
                telling.done().await;
                Ok(())
            }
            None => Err(Error::no_such_image(&query)),
        }
    }
}
