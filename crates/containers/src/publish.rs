//! Events of containers.

use sockerless_events::{Action, ObjectType, Occurrence, attributes_of};
use sockerless_state::Telling;

use crate::{ContainerRow, Containers};

impl Containers {
    /// Publishes that something happened to a container.
    pub(crate) fn publish(&self, action: Action, container: &ContainerRow) -> Telling {
        self.publish_with(action, container, None)
    }

    /// As [`publish`](Self::publish), with one more attribute.
    pub(crate) fn publish_with(
        &self,
        action: Action,
        container: &ContainerRow,
        more: Option<(&str, String)>,
    ) -> Telling {
        let mut attributes = attributes_of(&container.spec.run.labels);
        let own = [
            ("image", container.spec.image_name.clone()),
            ("name", container.name.clone()),
        ];
        let own = own.into_iter().chain(more);
        attributes.extend(own.map(|(key, value)| (key.to_owned(), value)));
        self.images.events().publish(Occurrence {
            object: ObjectType::Container,
            action,
            id: container.id.clone(),
            attributes,
        })
    }
}
