//! The normalised reference type, its parts, and its canonical and familiar forms.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::parse::{self, DEFAULT_DOMAIN, OFFICIAL, Parts};
use crate::{Digest, ReferenceError};

mod edit;

/// The tag of a name without one.
const DEFAULT_TAG: &str = "latest";

/// `@sha256:` and 64 hexadecimal characters.
const DIGEST_SUFFIX: usize = 72;

/// A normalised image reference: a repository, and perhaps a tag, and perhaps a digest.
///
/// Normalised as Docker does: the domain is `docker.io` if none is given, `index.docker.io` is the
/// same registry, and a name of one component there is in `library/`. The longest path is 255
/// characters, `library/` included; the domain does not count (it did in Docker's parser before
/// 0.6).
///
/// Ordered by repository, then tag, then digest; absent comes before present. In JSON it is the
/// canonical text. It takes 24 bytes and one allocation of exactly that text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Canonical: `domain/path[:tag][@digest]`. Determines the two lengths.
    text: Box<str>,
    domain_len: u32,
    repository_len: u32,
}

impl Reference {
    /// Parses a name as a user writes it, from `alpine` to `host:5000/a/b:tag@sha256:…`.
    ///
    /// No tag is added, see [`Reference::with_default_tag`]. An image ID is not a reference, see
    /// [`Query`](crate::Query).
    ///
    /// # Errors
    /// The errors that Docker gives, with its messages.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        Self::assemble(parse::parse(text)?)
    }

    /// As [`Reference::parse`] and [`Reference::with_default_tag`], in one allocation.
    pub(crate) fn parse_with_default_tag(text: &str) -> Result<Self, ReferenceError> {
        let mut parts = parse::parse(text)?;
        if parts.tag.is_none() && parts.digest.is_none() {
            parts.tag = Some(DEFAULT_TAG);
        }
        Self::assemble(parts)
    }

    /// Rebuilds a reference from its stored parts.
    ///
    /// # Errors
    /// [`ReferenceError::NotCanonical`] if `repository` is not what [`Reference::repository`]
    /// returns for the same name; [`ReferenceError::Tag`] for an invalid tag.
    pub fn from_parts(
        repository: &str,
        tag: Option<&str>,
        digest: Option<Digest>,
    ) -> Result<Self, ReferenceError> {
        let parsed = parse::parse(repository)?;
        if parsed.tag.is_some() || parsed.digest.is_some() {
            return Err(ReferenceError::NotCanonical);
        }
        if !tag.is_none_or(parse::is_tag) {
            return Err(ReferenceError::Tag);
        }
        let reference = Self::assemble(Parts {
            tag,
            digest,
            ..parsed
        })?;
        if reference.repository() == repository {
            Ok(reference)
        } else {
            Err(ReferenceError::NotCanonical)
        }
    }

    fn assemble(parts: Parts<'_>) -> Result<Self, ReferenceError> {
        let Parts {
            domain,
            official,
            path,
            tag,
            digest,
        } = parts;
        let mut text = String::with_capacity(
            domain.len()
                + usize::from(!domain.is_empty())
                + if official { OFFICIAL.len() } else { 0 }
                + path.len()
                + tag.map_or(0, |tag| 1 + tag.len())
                + digest.map_or(0, |_| DIGEST_SUFFIX),
        );
        text.push_str(domain);
        if !domain.is_empty() {
            text.push('/');
        }
        if official {
            text.push_str(OFFICIAL);
        }
        text.push_str(path);
        // Only a domain of 4 GiB does not fit.
        let domain_len = u32::try_from(domain.len()).map_err(|_| ReferenceError::Format)?;
        let repository_len = u32::try_from(text.len()).map_err(|_| ReferenceError::Format)?;
        if let Some(tag) = tag {
            text.push(':');
            text.push_str(tag);
        }
        if let Some(digest) = digest {
            text.push_str("@sha256:");
            text.push_str(&digest.hex());
        }
        Ok(Self {
            text: text.into(),
            domain_len,
            repository_len,
        })
    }

    /// The whole reference in canonical form, as [`Display`](fmt::Display) writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry's host and port: `docker.io`, `localhost:5000`, `[::1]:5000`.
    ///
    /// Empty for the odd name that Docker accepts without one, such as `my_host.local/app`: the
    /// first component reads as a domain, but has a character that is invalid in a domain.
    pub fn domain(&self) -> &str {
        &self.text[..self.domain_len as usize]
    }

    /// The repository within its registry: `library/alpine`.
    pub fn path(&self) -> &str {
        match self.domain_len {
            0 => self.repository(),
            length => &self.repository()[length as usize + 1..],
        }
    }

    /// Domain and path: `docker.io/library/alpine`.
    pub fn repository(&self) -> &str {
        &self.text[..self.repository_len as usize]
    }

    /// The repository as Docker shows it: `alpine`, `foo/bar`, `localhost:5000/x`.
    pub fn familiar_repository(&self) -> &str {
        &self.repository()[self.familiar_start()..]
    }

    /// The whole reference as Docker shows it, with its tag and digest, if any.
    ///
    /// With a tag or a digest it always parses back to the same reference. That is stricter than
    /// Docker, which also shortens `docker.io/a.b/c` to `a.b/c` and `docker.io/localhost/c` to
    /// `localhost/c`, names in another registry; those are not shortened here.
    pub fn familiar(&self) -> &str {
        &self.text[self.familiar_start()..]
    }

    fn familiar_start(&self) -> usize {
        if self.domain() != DEFAULT_DOMAIN {
            return 0;
        }
        let path_start = DEFAULT_DOMAIN.len() + 1;
        match self.path().split_once('/') {
            Some(("library", name)) if !name.contains('/') => path_start + OFFICIAL.len(),
            Some((first, _)) if parse::reads_as_domain(first) => 0,
            _ => path_start,
        }
    }

    /// The tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        let end = self.text.len() - self.digest_text().map_or(0, |digest| 1 + digest.len());
        self.text[self.repository_len as usize..end].strip_prefix(':')
    }

    /// The digest, if there is one.
    pub fn digest(&self) -> Option<Digest> {
        self.digest_text().and_then(|digest| digest.parse().ok())
    }

    fn digest_text(&self) -> Option<&str> {
        let start = self.text.len().checked_sub(DIGEST_SUFFIX)?;
        self.text[start..].strip_prefix('@')
    }

    /// Whether a tag of this repository reads as a digest: `sha256:…`.
    pub(crate) fn is_named_like_an_algorithm(&self) -> bool {
        matches!(self.familiar_repository(), "sha256" | "sha384" | "sha512")
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        Self::parse(text)
    }
}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reference {
    fn cmp(&self, other: &Self) -> Ordering {
        self.repository()
            .cmp(other.repository())
            .then_with(|| self.tag().cmp(&other.tag()))
            .then_with(|| self.digest_text().cmp(&other.digest_text()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn parts() {
        let pinned = format!("[::1]:5000/a/b:t@sha256:{HEX}");
        for (text, domain, path, tag, pin) in [
            ("alpine", "docker.io", "library/alpine", None, false),
            ("alpine:3", "docker.io", "library/alpine", Some("3"), false),
            (
                "index.docker.io/a/b:3",
                "docker.io",
                "a/b",
                Some("3"),
                false,
            ),
            (
                "localhost:5000/a:5",
                "localhost:5000",
                "a",
                Some("5"),
                false,
            ),
            (&format!("a/b@sha256:{HEX}"), "docker.io", "a/b", None, true),
            (&pinned, "[::1]:5000", "a/b", Some("t"), true),
            ("my_host.local/a:3", "", "my_host.local/a", Some("3"), false),
        ] {
            let reference = Reference::parse(text).expect(text);
            assert_eq!(reference.domain(), domain, "{text}");
            assert_eq!(reference.path(), path, "{text}");
            assert_eq!(reference.tag(), tag, "{text}");
            assert_eq!(reference.digest(), pin.then(|| Digest::of(b"")), "{text}");
        }
    }

    #[test]
    fn stored_parts() {
        for text in [
            "alpine",
            "a/b:3",
            "localhost/a/b:3",
            "my_host.local/a",
            "FOO/a:latest",
        ] {
            for digest in [None, Some(Digest::of(b""))] {
                let mut reference = Reference::parse(text).expect(text);
                if let Some(digest) = digest {
                    reference = reference.with_digest(digest);
                }
                let (repository, tag) = (reference.repository(), reference.tag());
                let rebuilt = Reference::from_parts(repository, tag, digest).expect(text);
                assert_eq!(rebuilt, reference);
                assert_eq!(rebuilt.tag(), tag);
                assert_eq!(rebuilt.digest(), digest);
                assert_eq!(rebuilt.domain(), reference.domain());
            }
        }
        for (repository, tag, error) in [
            ("alpine", None, ReferenceError::NotCanonical),
            ("a/b", None, ReferenceError::NotCanonical),
            ("docker.io/alpine", None, ReferenceError::NotCanonical),
            ("index.docker.io/a/b", None, ReferenceError::NotCanonical),
            ("docker.io/a/b:3", None, ReferenceError::NotCanonical),
            // As long as its canonical form without the tag.
            ("ab/cd:123456789", None, ReferenceError::NotCanonical),
            (
                &format!("docker.io/a/b@sha256:{HEX}"),
                None,
                ReferenceError::NotCanonical,
            ),
            ("docker.io/a/b", Some(""), ReferenceError::Tag),
            ("docker.io/a/b", Some("a@b"), ReferenceError::Tag),
            ("", None, ReferenceError::Format),
            (HEX, None, ReferenceError::LooksLikeId(HEX.into())),
        ] {
            let found = Reference::from_parts(repository, tag, None);
            assert_eq!(found, Err(error), "{repository} {tag:?}");
        }
    }

    #[test]
    fn ordered_by_repository_then_tag_then_digest() {
        let sorted = [
            "a.example/a:9",
            "docker.io/a/b",
            "docker.io/a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "docker.io/a/b:1",
            "docker.io/a/b:1@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "docker.io/a/b:1@sha256:1000000000000000000000000000000000000000000000000000000000000000",
            "docker.io/a/b:1.0",
            // `-` and `/` come before `:`, but a longer repository comes after a shorter one.
            "docker.io/a/b-c:0",
            "docker.io/a/b/c:0",
        ]
        .map(|text| Reference::parse(text).expect(text));
        assert!(sorted.is_sorted());
        for (at, reference) in sorted.iter().enumerate() {
            assert_eq!(sorted.binary_search(reference), Ok(at), "{reference}");
        }
    }

    #[test]
    fn json_is_the_canonical_text() {
        let reference = Reference::parse("alpine:3").expect("valid");
        let json = serde_json::to_string(&reference).expect("a string");
        assert_eq!(json, "\"docker.io/library/alpine:3\"");
        assert_eq!(
            serde_json::from_str::<Reference>(&json).expect("valid"),
            reference
        );
        let error = serde_json::from_str::<Reference>("\"Alpine\"").expect_err("upper case");
        assert!(error.to_string().contains("must be lowercase"), "{error}");
    }

    #[test]
    fn ten_million_fit() {
        assert_eq!(size_of::<Reference>(), 24);
        assert_eq!(size_of::<Option<Reference>>(), 24);
    }
}
