//! One event, in the terms of Docker's events.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened to an image or a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The kind of object.
    pub object: ObjectType,
    /// What happened.
    pub action: Action,
    /// The object: the ID of an image or a container, or the name that was pulled or pushed. It is
    /// empty for a pruning, which has no single object.
    pub id: String,
    /// Labels of the object, its name and more, under Docker's keys.
    pub attributes: Attributes,
    /// The time. Times are distinct and in the order of events, within one daemon or within all
    /// daemons that share a feed.
    pub at: Timestamp,
}

/// The kind of object that an [`Event`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectType {
    /// An image.
    Image,
    /// A container.
    Container,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// An image was loaded from an archive.
    Load,
    /// An image got a name.
    Tag,
    /// An image lost a name.
    Untag,
    /// An image was removed.
    Delete,
    /// An image was pulled.
    Pull,
    /// An image was pushed.
    Push,
    /// An image was created from a file system.
    Import,
    /// An image was saved.
    Save,
    /// Images or containers were pruned.
    Prune,
    /// A container was created.
    Create,
    /// A container was renamed.
    Rename,
    /// A container was removed.
    Destroy,
}

/// Strings by key: the attributes of an event, or labels.
pub type Attributes = BTreeMap<String, String>;

/// Bytes of labels that an event may have. Each reader keeps its own serialized event until its
/// client has read it, and an image may have megabytes of labels.
const LABEL_BYTES: usize = 64 << 10;

/// Total bytes of the keys and values.
#[must_use]
pub fn byte_size(labels: &Attributes) -> usize {
    let texts = labels.iter().map(|(key, text)| key.len() + text.len());
    texts.sum()
}

/// The labels as attributes of an event: all of them, or none when they are larger than 64 KiB.
#[must_use]
pub fn attributes_of(labels: &Attributes) -> Attributes {
    match byte_size(labels) > LABEL_BYTES {
        true => Attributes::new(),
        false => labels.clone(),
    }
}
