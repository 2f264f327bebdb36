//! What a client may mean by a string that names an image: a name, an ID or the start of an ID.

use std::fmt;

use crate::parse::is_full_id;
use crate::{Digest, IdPrefix, Reference, ReferenceError};

/// What a client means by the string that names an image.
///
/// `sha256:c0ffee` is a name with a tag and also the start of an ID. Names and IDs are
/// distinguished here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// A full ID, with or without `sha256:`. It is never looked up as a name.
    Id(Digest),
    /// A name, which takes precedence; if no image has it, perhaps the start of an ID.
    Name {
        /// The name, with `latest` if the client gave neither a tag nor a digest.
        reference: Reference,
        /// The same text as the start of an ID, if it can be one.
        prefix: Option<IdPrefix>,
    },
}

impl Query {
    /// Reads `text` as Docker does.
    ///
    /// Every start of an ID is also a valid name, so no ID is rejected.
    ///
    /// # Errors
    /// Those of [`Reference::parse`].
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if is_full_id(hex) {
            return Ok(Self::Id(Digest::from_hex(hex)?));
        }
        let reference = Reference::parse_with_default_tag(text)?;
        Ok(Self::Name {
            reference,
            prefix: IdPrefix::parse(text),
        })
    }

    /// The subject of `No such image: …`: the familiar name with its tag, or `sha256:` and 64
    /// characters.
    pub fn familiar(&self) -> String {
        match self {
            Self::Id(digest) => digest.to_string(),
            Self::Name { reference, .. } => reference.familiar().to_owned(),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(digest) => fmt::Display::fmt(digest, f),
            Self::Name { reference, .. } => f.write_str(reference.familiar()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn full_ids() {
        for text in [HEX.to_owned(), format!("sha256:{HEX}")] {
            let query = Query::parse(&text).expect("valid");
            assert_eq!(query, Query::Id(Digest::of(b"")), "{text}");
            assert_eq!(query.familiar(), format!("sha256:{HEX}"));
            assert_eq!(query.to_string(), query.familiar());
        }
    }

    #[test]
    fn names_and_starts_of_ids() {
        for (text, familiar, prefix) in [
            ("alpine", "alpine:latest", None),
            ("alpine:3", "alpine:3", None),
            ("docker.io/library/alpine", "alpine:latest", None),
            ("index.docker.io/foo/bar", "foo/bar:latest", None),
            ("localhost:5000/x", "localhost:5000/x:latest", None),
            ("a", "a:latest", Some("a")),
            ("44", "44:latest", Some("44")),
            ("015f", "015f:latest", Some("015f")),
            ("e3b0c44298fc", "e3b0c44298fc:latest", Some("e3b0c44298fc")),
            (
                &HEX[..63],
                &format!("{}:latest", &HEX[..63]),
                Some(&HEX[..63]),
            ),
            ("sha256:abc", "sha256:abc", Some("abc")),
            ("sha256:4", "sha256:4", Some("4")),
            ("sha256", "sha256:latest", None),
            ("sha256:xyz", "sha256:xyz", None),
            ("sha256:ABC", "sha256:ABC", None),
            ("sha512:abc", "sha512:abc", None),
            ("abc:latest", "abc:latest", None),
            ("library/abc", "abc:latest", None),
            (&format!("{HEX}0"), &format!("{HEX}0:latest"), None),
            (&format!("library/{HEX}"), &format!("{HEX}:latest"), None),
            (&format!("sha256:{HEX}0"), &format!("sha256:{HEX}0"), None),
            (
                &format!("p/one@sha256:{HEX}"),
                &format!("p/one@sha256:{HEX}"),
                None,
            ),
            (
                &format!("p/one:1@sha256:{HEX}"),
                &format!("p/one:1@sha256:{HEX}"),
                None,
            ),
            (
                &format!("abc@sha256:{HEX}"),
                &format!("abc@sha256:{HEX}"),
                None,
            ),
        ] {
            let query = Query::parse(text).expect(text);
            assert_eq!(query.familiar(), familiar, "{text}");
            assert_eq!(query.to_string(), familiar, "{text}");
            let Query::Name {
                reference,
                prefix: found,
            } = query
            else {
                panic!("{text} is no full ID");
            };
            assert_eq!(
                reference,
                Reference::parse(text).expect(text).with_default_tag()
            );
            assert_eq!(found.as_ref().map(IdPrefix::as_str), prefix, "{text}");
        }
    }

    #[test]
    fn neither() {
        for (text, message) in [
            ("", "invalid reference format".to_owned()),
            ("sha256:", "invalid reference format".to_owned()),
            (":abc", "invalid reference format".to_owned()),
            (
                "C0FFEE",
                "invalid reference format: repository name (library/C0FFEE) must be lowercase"
                    .to_owned(),
            ),
            (
                &HEX.to_uppercase(),
                format!(
                    "invalid reference format: repository name (library/{}) must be lowercase",
                    HEX.to_uppercase()
                ),
            ),
        ] {
            assert_eq!(
                Query::parse(text).expect_err(text).to_string(),
                message,
                "{text}"
            );
        }
    }
}
