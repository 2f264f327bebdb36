use jiff::Timestamp;

use super::member::lenient;
use super::{HistoryEntry, RunConfig};

/// What an image config says, apart from its layers.
///
/// Reading it is lenient: keys in any case, and `null` or a value of another type is as good as
/// missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigDocument {
    /// When the image was made; `None` when that is not told or not a time.
    pub created: Option<Timestamp>,
    /// Who made it; may be empty.
    pub author: String,
    /// Architecture in Go's words: `amd64`; may be empty.
    pub architecture: String,
    /// Variant of the architecture: `v8`; may be empty.
    pub variant: String,
    /// Operating system in Go's words: `linux`; may be empty.
    pub os: String,
    /// Version of the operating system (Windows); may be empty.
    pub os_version: String,
    /// What a container of it gets by default.
    pub run: RunConfig,
    /// How it was made, the first step first.
    pub history: Vec<HistoryEntry>,
}

lenient!(ConfigDocument {
    "created" => created: Timestamp,
    "author" => author: String,
    "architecture" => architecture: String,
    "variant" => variant: String,
    "os" => os: String,
    "os.version" => os_version: String,
    "config" => run: RunConfig,
    "history" => history: Vec<HistoryEntry>,
});

impl ConfigDocument {
    /// Reads the bytes of an image config.
    ///
    /// # Errors
    ///
    /// When they are not JSON, or not an object.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// When the image was made, if the bytes of its config can be read and say so.
    pub(crate) fn created_in(bytes: &[u8]) -> Option<Timestamp> {
        Self::parse(bytes).ok()?.created
    }
}
