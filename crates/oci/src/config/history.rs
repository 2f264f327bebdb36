//! One step of an image's history.

use serde::Serialize;

use crate::Time;
use crate::json::lenient;

/// A step in the making of an image, written in the key order of a config document and without
/// empty values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// When it was made; `None` if missing or not a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// The instruction.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// Who made it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// A comment.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Whether it made no layer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty_layer: bool,
}

lenient!(HistoryEntry {
    "created" => created: Time,
    "created_by" => created_by: String,
    "author" => author: String,
    "comment" => comment: String,
    "empty_layer" => empty_layer: bool,
});
