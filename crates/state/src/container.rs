use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::Digest;

/// A container: an image with the settings under which it is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// 64 lowercase hexadecimal characters. The key.
    pub id: String,
    /// Its name, without a slash. No other container has it.
    pub name: String,
    /// Target of its image.
    pub target: Digest,
    /// ID of its image: the config of the variant that it is to run.
    pub image: Digest,
    /// When it was created.
    pub created_at: Timestamp,
    /// Everything else about it, in a form that the store does not look into.
    pub spec: Bytes,
}

/// What became of a container that was to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerAdded {
    /// It is here.
    Added,
    /// Nothing was added: another container has the name.
    NameTaken {
        /// ID of the other container.
        by: String,
    },
    /// Nothing was added: there is no image with its target, or not the variant that it is to run.
    ImageGone,
}

/// What became of a container that was to be renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renamed {
    /// It has the name now, or had it already.
    Done,
    /// Nothing was changed: another container has the name.
    NameTaken {
        /// ID of the other container.
        by: String,
    },
    /// There is no such container.
    Gone,
}

/// The containers of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Users {
    /// ID of the image.
    pub image: Digest,
    /// How many containers there are whose target has this ID.
    pub count: u64,
    /// ID of the oldest of them; of several the first in order of ID.
    pub oldest: String,
}
