//! Events of images: their attributes, and publishing several at once.

use std::sync::Arc;

use bytes::Bytes;
use sockerless_events::{
    Action, Attributes, Batch, Events, ObjectType, Occurrence, attributes_of, byte_size,
};
use sockerless_oci::config::ImageConfig;
use sockerless_state::Telling;

use crate::{Digest, Images};

/// Something that happens to an image.
#[derive(Debug)]
pub(crate) struct ImageEvent {
    pub(crate) action: Action,
    /// Its ID, or the name that was pulled or pushed.
    pub(crate) id: String,
    /// Its name, or the ID for an event that is not about a name.
    pub(crate) name: String,
    /// Those of its config; shared, because there may be an event for each of its names. The name
    /// replaces a label with the key `name`, as in Docker.
    pub(crate) labels: Arc<Attributes>,
}

impl ImageEvent {
    /// An event of an image as a whole, not of one of its names.
    pub(crate) fn of_id(action: Action, id: Digest, labels: Arc<Attributes>) -> Self {
        Self {
            action,
            id: id.to_string(),
            name: id.to_string(),
            labels,
        }
    }
}

/// The labels in the bytes of an image config that an event has. A config that cannot be read has
/// none: an event must not fail for it.
fn labels_of(config: &[u8]) -> Arc<Attributes> {
    let document = ImageConfig::parse(config).unwrap_or_default();
    Arc::new(attributes_of(&document.run.labels))
}

impl Images {
    /// The same images, which publish what happens to them in `events`.
    #[must_use]
    pub fn with_events(mut self, events: Events) -> Self {
        self.events = events;
        self
    }

    /// The events of images, for subscribers.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// The labels in the bytes of an image config that an event has.
    pub(crate) async fn labels_of(&self, config: &Bytes) -> Arc<Attributes> {
        let config = config.clone();
        let labels = self.compute_on(config.len(), move || labels_of(&config));
        labels.await.unwrap_or_default()
    }

    /// Publishes that something happened to an image.
    pub(crate) fn publish_image(&self, event: ImageEvent) -> Telling {
        let ImageEvent {
            action,
            id,
            name,
            labels,
        } = event;
        let mut attributes = attributes_of(&labels);
        attributes.insert("name".to_owned(), name);
        self.events.publish(Occurrence {
            object: ObjectType::Image,
            action,
            id,
            attributes,
        })
    }

    /// Publishes the events of several images in their order, and waits until that is done.
    pub(crate) async fn publish_images(&self, events: Vec<ImageEvent>) {
        let mut batch = Batch::default();
        for event in events {
            let bytes = byte_size(&event.labels);
            batch.add(self.publish_image(event), bytes).await;
        }
        batch.done().await;
    }

    /// Publishes that the same happened to several images, which are given with their configs. The
    /// configs are parsed one after the other: in memory each may take many times its bytes.
    pub(crate) async fn publish_of_configs(&self, action: Action, configs: Vec<(Digest, Bytes)>) {
        let mut batch = Batch::default();
        for (id, config) in configs {
            let labels = self.labels_of(&config).await;
            let bytes = byte_size(&labels);
            let event = ImageEvent::of_id(action, id, labels);
            batch.add(self.publish_image(event), bytes).await;
        }
        batch.done().await;
    }
}
