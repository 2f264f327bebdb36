//! JSON as Go's decoder, and so Docker, reads it.
//!
//! Documents of images are written by many programs, and Docker serves what Go accepts: keys in any
//! case, bytes that are not UTF-8, escapes of lone surrogates. Everything that reads such a
//! document reads it with [`decode`], so that what is accepted once can always be read.

mod any_case;
mod key;
mod lenient;
mod member;
mod mend;
mod object;

pub use key::{Key, same_key};
pub use member::{Lenient, Member};
pub use mend::mend;
pub use object::Object;

use serde::de::DeserializeOwned;

pub use crate::{any_case, lenient};

/// How deep arrays and objects may be nested: Go's limit.
pub const DEPTH: usize = 10_000;

/// Values that a document may have in all. A value of a few bytes may take a hundred times as many
/// once it is decoded, so this, and not the size of the text, bounds the memory that decoding
/// takes: to some 20 MiB. A config has a few hundred values, a list of images one for each name and
/// layer.
pub const VALUES: usize = 150_000;

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Arrays and objects are nested more than [`DEPTH`] deep.
    #[error("more than {DEPTH} arrays and objects lie in each other at byte {at}")]
    Depth {
        /// Where the first one beyond the limit begins.
        at: usize,
    },
    /// There are more than [`VALUES`] values.
    #[error("more than {VALUES} values are in one document at byte {at}")]
    Values {
        /// Where the first one beyond the limit begins.
        at: usize,
    },
    /// It is not JSON, or does not fit the type.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
}

impl JsonError {
    /// Whether the text ends prematurely.
    pub fn is_eof(&self) -> bool {
        matches!(self, Self::Syntax(error) if error.is_eof())
    }

    /// Whether it is JSON, but does not fit the type.
    pub fn is_data(&self) -> bool {
        matches!(self, Self::Syntax(error) if error.is_data())
    }

    /// The line and column where it stops being JSON: all that may be reported of a text with
    /// secrets.
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Depth { .. } | Self::Values { .. } => None,
            Self::Syntax(error) => Some((error.line(), error.column())),
        }
    }
}

/// Reads a document, as lenient with its texts as Go is: see [`mend`].
///
/// # Errors
/// When it is not JSON, is nested too deeply, has too many values, or does not fit `T`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let mended = mend(bytes)?;
    Ok(serde_json::from_slice(&mended)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_go_decodes() {
        let texts: Vec<String> =
            decode(b"[\"a\xffb\", \"\\ud800\", \"\\ud83d\\ude00\"]").expect("Go takes it");
        assert_eq!(texts, ["a\u{fffd}b", "\u{fffd}", "\u{1f600}"]);
        assert!(decode::<Vec<String>>(b"[\xff]").is_err());
        assert!(decode::<Vec<String>>(b"[").expect_err("cut").is_eof());
    }
}
