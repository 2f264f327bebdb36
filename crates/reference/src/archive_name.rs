//! Names of images as docker archives and OCI layouts write them.

use crate::{Reference, ReferenceError};

/// Parsing of names from archives.
impl Reference {
    /// Parses one of the `RepoTags` of a docker archive's `manifest.json`.
    ///
    /// # Errors
    /// Those of [`Reference::parse`]; [`ReferenceError::NotATag`] without a tag or with a digest;
    /// [`ReferenceError::Ambiguous`] if the name would read as a digest.
    pub fn from_repo_tag(text: &str) -> Result<Self, ReferenceError> {
        let reference = Self::parse(text)?;
        if reference.tag().is_none() || reference.digest().is_some() {
            return Err(ReferenceError::NotATag(text.into()));
        }
        if reference.is_named_like_an_algorithm() {
            return Err(ReferenceError::Ambiguous);
        }
        Ok(reference)
    }

    /// The name in an OCI layout's `io.containerd.image.name` or
    /// `org.opencontainers.image.ref.name`, normalised and with a tag.
    ///
    /// `None` if the text gives no name that an image can be tagged with: it is a tag alone (no `/`
    /// and no `:`), is invalid, has only a digest, or would read as a digest. A digest beside a tag
    /// is dropped: it only says what the tag pointed to where the archive was written.
    pub fn from_annotation(text: &str) -> Option<Self> {
        if !text.contains(['/', ':']) {
            return None;
        }
        let reference = Self::parse_with_default_tag(text).ok()?.without_digest();
        (reference.tag().is_some() && !reference.is_named_like_an_algorithm()).then_some(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn repo_tags() {
        for (text, familiar) in [
            ("foo:bar", "foo:bar"),
            ("p/one:1", "p/one:1"),
            ("docker.io/library/alp:x", "alp:x"),
            ("docker.io/foo/bar:1", "foo/bar:1"),
            ("example.com/foo/bar:1", "example.com/foo/bar:1"),
            ("localhost:5000/x:1", "localhost:5000/x:1"),
            ("scratch:1", "scratch:1"),
            (&format!("{HEX}:1"), &format!("{HEX}:1")),
            ("example.com/sha256:abc", "example.com/sha256:abc"),
        ] {
            assert_eq!(
                Reference::from_repo_tag(text).expect(text).familiar(),
                familiar
            );
        }
    }

    #[test]
    fn not_repo_tags() {
        for (text, message) in [
            ("foo", "invalid tag \"foo\"".to_owned()),
            (
                "localhost:5000/foo",
                "invalid tag \"localhost:5000/foo\"".to_owned(),
            ),
            (
                &format!("foo@sha256:{HEX}"),
                format!("invalid tag \"foo@sha256:{HEX}\""),
            ),
            (
                &format!("foo:bar@sha256:{HEX}"),
                format!("invalid tag \"foo:bar@sha256:{HEX}\""),
            ),
            (
                "Foo:bar",
                "invalid reference format: repository name (library/Foo) must be lowercase"
                    .to_owned(),
            ),
            (
                HEX,
                format!(
                    "invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"
                ),
            ),
            (
                "sha256:abc",
                "refusing to create an ambiguous tag using digest algorithm as name".to_owned(),
            ),
            ("", "invalid reference format".to_owned()),
            (" ", "invalid reference format".to_owned()),
            ("foo:", "invalid reference format".to_owned()),
            (
                &format!("foo:{}", "t".repeat(129)),
                "invalid reference format".to_owned(),
            ),
            (
                "https://example.com/foo:1",
                "invalid reference format".to_owned(),
            ),
            (
                &format!("{}:1", "r".repeat(256)),
                "repository name must not be more than 255 characters".to_owned(),
            ),
        ] {
            let error = Reference::from_repo_tag(text).expect_err(text);
            assert_eq!(error.to_string(), message, "{text}");
        }
    }

    #[test]
    fn annotations() {
        for (text, familiar) in [
            ("docker.io/library/alpine:3", Some("alpine:3")),
            ("alpine:3", Some("alpine:3")),
            ("foo/bar", Some("foo/bar:latest")),
            ("example.com/foo:bar", Some("example.com/foo:bar")),
            ("localhost/foo:latest", Some("localhost/foo:latest")),
            (&format!("foo/bar:1@sha256:{HEX}"), Some("foo/bar:1")),
            (&format!("foo/bar@sha256:{HEX}"), None),
            (&format!("foo@sha256:{HEX}"), None),
            ("latest", None),
            ("v1.0", None),
            ("alpine", None),
            ("", None),
            (HEX, None),
            (&format!("sha256:{HEX}"), None),
            ("sha256:abc", None),
            ("Foo:bar", None),
            ("foo/bar:", None),
            ("oci:/some/path", None),
            ("dir/image.tar ", None),
        ] {
            let found = Reference::from_annotation(text);
            assert_eq!(found.as_ref().map(Reference::familiar), familiar, "{text}");
        }
    }
}
