//! The lines of a streamed response: Docker's `jsonstream` messages.

use std::borrow::Cow;

use serde::Serialize;
use sockerless_images::Digest;

/// One line, its fields in Docker's order. `None` is left out, so the default is `{}`: Docker's
/// line for an empty result, where an empty body would not be JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Cow<'static, str>>,
    #[serde(rename = "progressDetail", skip_serializing_if = "Option::is_none")]
    detail: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aux: Option<Aux>,
}

/// Bytes. Both are absent where a step is either done or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

/// What programs read from a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Aux {
    /// An image that was loaded.
    #[serde(rename_all = "PascalCase")]
    Loaded {
        #[serde(rename = "ID")]
        id: Digest,
        repo_tags: Vec<String>,
        repo_digests: Vec<String>,
    },
    /// A manifest that the registry has now.
    #[serde(rename_all = "PascalCase")]
    Pushed {
        tag: String,
        digest: Digest,
        size: u64,
    },
    /// Only one manifest of an index could be pushed.
    #[serde(rename_all = "camelCase")]
    InsteadOfIndex {
        /// Always true: clients recognize this kind of aux by it.
        manifest_pushed_instead_of_index: bool,
        original_index: Named,
        selected_manifest: Named,
    },
}

/// The description of a manifest or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Named {
    pub(crate) digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
}

impl Message {
    /// Text that clients print unchanged.
    pub(crate) fn stream(text: impl Into<String>) -> Self {
        Self {
            stream: Some(text.into()),
            ..Self::default()
        }
    }

    /// A line of text.
    pub(crate) fn status(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: Some(text.into()),
            ..Self::default()
        }
    }

    /// The text in the line that a client keeps for `id`.
    pub(crate) fn status_of(id: impl Into<String>, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::status(text)
        }
    }

    /// A step that something has reached.
    pub(crate) fn step(id: impl Into<String>, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            detail: Some(Detail::default()),
            ..Self::status_of(id, text)
        }
    }

    /// A position in bytes; clients draw a bar when the total is known.
    pub(crate) fn progress(
        id: impl Into<String>,
        text: impl Into<Cow<'static, str>>,
        current: u64,
        total: Option<u64>,
    ) -> Self {
        Self {
            detail: Some(Detail {
                current: Some(current),
                total,
            }),
            ..Self::status_of(id, text)
        }
    }

    /// Data for programs.
    pub(crate) fn aux(aux: Aux) -> Self {
        Self {
            aux: Some(aux),
            ..Self::default()
        }
    }

    /// Whether it is for programs.
    pub(crate) fn has_aux(&self) -> bool {
        self.aux.is_some()
    }

    /// Data for programs, in the form of a push.
    pub(crate) fn push_aux(aux: Aux) -> Self {
        Self {
            detail: Some(Detail::default()),
            ..Self::aux(aux)
        }
    }
}

#[cfg(test)]
pub(crate) fn texts(messages: &[Message]) -> Vec<String> {
    let text = |message| serde_json::to_string(message).expect("JSON");
    messages.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (message, text) in [
            (Message::default(), "{}"),
            (Message::stream("a\n"), r#"{"stream":"a\n"}"#),
            (Message::status("a"), r#"{"status":"a"}"#),
            (Message::status_of("i", "a"), r#"{"status":"a","id":"i"}"#),
            (
                Message::step("i", "a"),
                r#"{"status":"a","progressDetail":{},"id":"i"}"#,
            ),
            (
                Message::progress("i", "a", 0, None),
                r#"{"status":"a","progressDetail":{"current":0},"id":"i"}"#,
            ),
            (
                Message::progress("i", "a", 1, Some(2)),
                r#"{"status":"a","progressDetail":{"current":1,"total":2},"id":"i"}"#,
            ),
        ] {
            assert_eq!(texts(&[message]), [text]);
        }
    }
}
