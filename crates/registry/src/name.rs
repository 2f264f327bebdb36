//! Names of manifests, repositories and tags in requests.

use std::fmt;
use std::str::FromStr;

use sockerless_reference::Digest;

use crate::error::Fault;

/// What a manifest is requested by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TagOrDigest {
    /// By a tag. Build it by parsing: an invalid tag is refused when it is used.
    Tag(String),
    /// By its digest.
    Digest(Digest),
}

/// A text that is neither a tag nor a sha256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a tag nor a sha256 digest")]
pub struct InvalidName(String);

impl TagOrDigest {
    /// The name for a URL, if it is valid.
    pub(crate) fn checked(&self) -> Result<String, Fault> {
        match self {
            Self::Tag(tag) if !is_tag(tag) => Err(Fault::Name {
                what: "tag",
                text: tag.clone(),
            }),
            valid => Ok(valid.to_string()),
        }
    }
}

impl FromStr for TagOrDigest {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if let Ok(digest) = text.parse() {
            return Ok(Self::Digest(digest));
        }
        if is_tag(text) {
            Ok(Self::Tag(text.to_owned()))
        } else {
            Err(InvalidName(text.to_owned()))
        }
    }
}

impl From<Digest> for TagOrDigest {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}

impl fmt::Display for TagOrDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

/// Whether `text` is a tag: at most 128 of the characters that are valid in tags.
fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text
            .bytes()
            .all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

/// Whether `text` is a repository's path: components of lower-case letters, digits and single
/// separators, joined by slashes.
pub(crate) fn is_repository(text: &str) -> bool {
    let component = |component: &str| {
        let edge = |byte: Option<u8>| {
            byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        edge(component.bytes().next())
            && edge(component.bytes().last())
            && component.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)
            })
            && !component.contains("..")
    };
    text.len() <= 255 && text.split('/').all(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let digest = Digest::of(b"");
        assert_eq!("1.0-a_b".parse(), Ok(TagOrDigest::Tag("1.0-a_b".into())));
        assert_eq!(digest.to_string().parse(), Ok(TagOrDigest::Digest(digest)));
        for text in [
            "",
            ".a",
            "-a",
            "a/b",
            "a:b",
            "a?b",
            "é",
            "sha256:1",
            &"a".repeat(129),
        ] {
            assert!(text.parse::<TagOrDigest>().is_err(), "{text}");
            assert!(TagOrDigest::Tag(text.into()).checked().is_err(), "{text}");
        }
        for text in ["a", "a/b/c", "a.b-c__d/e0", "library/alpine"] {
            assert!(is_repository(text), "{text}");
        }
        for text in [
            "", "/", "a//b", "A/b", "a/../b", "a/..", "-a", "a?b", "a/b/", "a%2Fb",
        ] {
            assert!(!is_repository(text), "{text}");
        }
    }
}
