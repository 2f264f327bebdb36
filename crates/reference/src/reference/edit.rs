//! Copies of a reference with another tag or digest.

use super::{DEFAULT_TAG, Reference};
use crate::{Digest, ReferenceError, parse};

/// Changing the tag or digest.
impl Reference {
    /// Adds the tag `latest` if there is neither a tag nor a digest.
    #[must_use]
    pub fn with_default_tag(self) -> Self {
        if self.text.len() == self.repository_len as usize {
            self.with_suffix(Some(DEFAULT_TAG), None)
        } else {
            self
        }
    }

    /// Sets the tag; a digest stays.
    ///
    /// # Errors
    /// [`ReferenceError::Tag`] if `tag` is not 1 to 128 of `[A-Za-z0-9_.-]`, or begins with `.` or
    /// `-`.
    pub fn with_tag(self, tag: &str) -> Result<Self, ReferenceError> {
        if !parse::is_tag(tag) {
            return Err(ReferenceError::Tag);
        }
        Ok(self.with_suffix(Some(tag), self.digest_text()))
    }

    /// Sets the digest; a tag stays.
    #[must_use]
    pub fn with_digest(self, digest: Digest) -> Self {
        self.with_suffix(self.tag(), Some(&digest.to_string()))
    }

    /// Removes the tag, if there is one.
    #[must_use]
    pub fn without_tag(self) -> Self {
        if self.tag().is_some() {
            self.with_suffix(None, self.digest_text())
        } else {
            self
        }
    }

    /// Removes the digest, if there is one.
    #[must_use]
    pub fn without_digest(self) -> Self {
        if self.digest_text().is_some() {
            self.with_suffix(self.tag(), None)
        } else {
            self
        }
    }

    /// The repository with exactly this tag and this digest.
    fn with_suffix(&self, tag: Option<&str>, digest: Option<&str>) -> Self {
        let mut text = String::with_capacity(
            self.repository().len()
                + tag.map_or(0, |tag| 1 + tag.len())
                + digest.map_or(0, |digest| 1 + digest.len()),
        );
        text.push_str(self.repository());
        for (separator, part) in [(':', tag), ('@', digest)] {
            if let Some(part) = part {
                text.push(separator);
                text.push_str(part);
            }
        }
        Self {
            text: text.into(),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Edits `text`, and compares the result with the same name parsed anew.
    fn edited(text: &str, edit: impl FnOnce(Reference) -> Reference) -> String {
        let result = edit(Reference::parse(text).expect(text));
        let fresh = Reference::parse(result.as_str()).expect(text);
        assert_eq!(result, fresh);
        assert_eq!(
            (result.tag(), result.digest()),
            (fresh.tag(), fresh.digest()),
            "{text}"
        );
        result.familiar().to_owned()
    }

    #[test]
    fn tags_and_digests() {
        let pin = format!("@sha256:{HEX}");
        let (pinned, both) = (format!("a/b{pin}"), format!("a/b:3{pin}"));
        for (text, default, tagged, digested, untagged, unpinned) in [
            ("a/b", "a/b:latest", "a/b:4", pinned.as_str(), "a/b", "a/b"),
            ("a/b:3", "a/b:3", "a/b:4", &both, "a/b", "a/b:3"),
            (
                &pinned,
                &pinned,
                &format!("a/b:4{pin}"),
                &pinned,
                &pinned,
                "a/b",
            ),
            (
                &both,
                &both,
                &format!("a/b:4{pin}"),
                &both,
                &pinned,
                "a/b:3",
            ),
        ] {
            assert_eq!(edited(text, Reference::with_default_tag), default);
            assert_eq!(edited(text, |r| r.with_tag("4").expect("valid")), tagged);
            assert_eq!(edited(text, |r| r.with_digest(Digest::of(b""))), digested);
            assert_eq!(edited(text, Reference::without_tag), untagged);
            assert_eq!(edited(text, Reference::without_digest), unpinned);
        }
        let repinned = edited(&both, |r| r.with_digest(Digest::of(b"other")));
        assert_eq!(repinned, format!("a/b:3@{}", Digest::of(b"other")));
    }

    #[test]
    fn tags_that_are_none() {
        let reference = Reference::parse("a/b").expect("valid");
        for tag in [
            "",
            ".a",
            "-a",
            "a b",
            "a/b",
            "a:b",
            "a@b",
            "\u{e9}",
            "a\n",
            &"t".repeat(129),
        ] {
            assert_eq!(
                reference.clone().with_tag(tag),
                Err(ReferenceError::Tag),
                "{tag:?}"
            );
        }
        for tag in ["a", "_", "0", "A.b-C_d", "1.0", "__", &"t".repeat(128)] {
            let tagged = reference.clone().with_tag(tag).expect(tag);
            assert_eq!(tagged.tag(), Some(tag));
        }
    }
}
