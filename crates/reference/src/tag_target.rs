//! The name that a request to tag an image asks for.

use crate::{Reference, ReferenceError};

/// Names that an image can be tagged with.
impl Reference {
    /// The name that a tag request asks for.
    ///
    /// `repository` may carry a tag; `tag`, unless empty, overrides it; without either it is
    /// `latest`.
    ///
    /// # Errors
    /// In the order in which Docker checks: those of [`Reference::parse`] for `repository`;
    /// [`ReferenceError::Pinned`] if it has a digest; [`ReferenceError::Tag`] for an invalid
    /// `tag`; [`ReferenceError::Ambiguous`] if the name would read as a digest (`sha256:…`; unlike
    /// Docker also `sha384:…` and `sha512:…`).
    pub fn tag_target(repository: &str, tag: &str) -> Result<Self, ReferenceError> {
        let named = Self::parse(repository)?;
        if named.digest().is_some() {
            return Err(ReferenceError::Pinned);
        }
        let target = if tag.is_empty() {
            named.with_default_tag()
        } else {
            named.with_tag(tag)?
        };
        if target.is_named_like_an_algorithm() {
            return Err(ReferenceError::Ambiguous);
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn targets() {
        for (repository, tag, familiar) in [
            ("new/y", "", "new/y:latest"),
            ("new/y", "1", "new/y:1"),
            ("new/y:inrepo", "", "new/y:inrepo"),
            ("new/y:inrepo", "1", "new/y:1"),
            ("localhost:5000/y", "1", "localhost:5000/y:1"),
            (
                "HOSTNAME.DOMAIN.COM:443/foo/bar",
                "",
                "HOSTNAME.DOMAIN.COM:443/foo/bar:latest",
            ),
            ("scratch", "x", "scratch:x"),
            ("example.com/sha256", "x", "example.com/sha256:x"),
            ("foo/sha256", "x", "foo/sha256:x"),
        ] {
            let target = Reference::tag_target(repository, tag).expect(repository);
            assert_eq!(target.familiar(), familiar, "{repository} {tag}");
        }
    }

    #[test]
    fn no_targets() {
        let ambiguous = "refusing to create an ambiguous tag using digest algorithm as name";
        let pinned = format!("y@sha256:{HEX}");
        for (repository, tag, message) in [
            ("", "", "invalid reference format"),
            ("", "1", "invalid reference format"),
            ("y:", "1", "invalid reference format"),
            ("-busybox", "test", "invalid reference format"),
            (
                "Y",
                "1",
                "invalid reference format: repository name (library/Y) must be lowercase",
            ),
            ("y", ".1", "invalid tag format"),
            ("y", "-1", "invalid tag format"),
            ("y", "a/b", "invalid tag format"),
            ("y", "a:b", "invalid tag format"),
            ("y", &format!("sha256:{HEX}"), "invalid tag format"),
            ("y", &"t".repeat(129), "invalid tag format"),
            ("sha256", "a b", "invalid tag format"),
            (&pinned, "", "cannot import digest reference"),
            (&pinned, "a b", "cannot import digest reference"),
            (
                &format!("y:1@sha256:{HEX}"),
                "1",
                "cannot import digest reference",
            ),
            ("sha256", "", ambiguous),
            ("sha256:sometag", "", ambiguous),
            ("docker.io/library/sha256", "x", ambiguous),
            ("sha384", "x", ambiguous),
            ("sha512", "x", ambiguous),
            (
                &"r".repeat(256),
                "x",
                "repository name must not be more than 255 characters",
            ),
        ] {
            let error = Reference::tag_target(repository, tag).expect_err(repository);
            assert_eq!(error.to_string(), message, "{repository} {tag}");
        }
    }
}
