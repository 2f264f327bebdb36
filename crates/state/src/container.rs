//! Containers, and the results of changing them.

use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::Digest;

use crate::{ContainerState, Error};

/// A container: an image with the settings to run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// 64 lowercase hexadecimal characters. The key.
    pub id: String,
    /// Its name, without a slash. No other container has it.
    pub name: String,
    /// Target of its image.
    pub target: Digest,
    /// ID of its image: the config of the variant to run.
    pub image: Digest,
    /// When it was created.
    pub created_at: Timestamp,
    /// What has happened to it since.
    pub state: ContainerState,
    /// Number of the last change of its state; 0 before the first.
    pub revision: u64,
    /// Everything else about it, opaque to the store.
    pub spec: Bytes,
}

/// Characters of an ID.
const ID: usize = 64;

impl Container {
    /// Checks the rules that do not depend on other containers.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if self.id.len() != ID || !self.id.bytes().all(is_digit) {
            return Err(Error::Unstorable {
                what: format!("a container with the ID {:?}", self.id),
            });
        }
        self.state.check()?;
        check_name(&self.name)
    }

    pub(crate) fn is_second(&self) -> Error {
        Error::Unstorable {
            what: format!("a second container {}", self.id),
        }
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::Unstorable {
            what: "a container without a name".to_owned(),
        });
    }
    Ok(())
}

/// A text that sorts after every ID that begins with `word`: `g` comes after every hexadecimal
/// digit.
pub(crate) fn beyond_ids(word: &str) -> String {
    format!("{word}g")
}

/// The result of adding a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerAdded {
    /// It was added.
    Added,
    /// Nothing was added: another container has the name.
    NameTaken {
        /// ID of the other container.
        by: String,
    },
    /// Nothing was added: there is no image with its target, or not its variant.
    ImageGone,
}

/// The result of renaming a container.
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
    /// How many containers use it: those whose target has this ID, and those whose target was
    /// removed and whose image is a variant of a target with this ID.
    pub count: u64,
    /// ID of the oldest of them; of several the first in order of ID.
    pub oldest: String,
}
