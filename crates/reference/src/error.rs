//! Errors of parsing references, with Docker's messages.

use crate::DigestError;

/// Why a string is not a valid reference, with the messages that Docker's clients know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// The text does not match the grammar.
    #[error("invalid reference format")]
    Format,
    /// The repository, given here as Docker shows it, has upper-case letters.
    #[error("invalid reference format: repository name ({0}) must be lowercase")]
    Uppercase(Box<str>),
    /// The first component has upper-case letters, so it should be a domain, but it has
    /// characters that only a path may have, as in `Foo_bar/baz`.
    #[error("repository name must be lowercase")]
    UppercaseNamespace,
    /// The whole text, given here, looks like an image ID.
    #[error("invalid repository name ({0}), cannot specify 64-byte hexadecimal strings")]
    LooksLikeId(Box<str>),
    /// The repository's path is longer than 255 characters.
    #[error("repository name must not be more than 255 characters")]
    TooLong,
    /// The digest is well formed but cannot be verified.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A tag is not 1 to 128 of `[A-Za-z0-9_.-]`, or begins with `.` or `-`.
    #[error("invalid tag format")]
    Tag,
    /// A repository is not in its canonical form.
    #[error("repository name must be canonical")]
    NotCanonical,
    /// A name in an archive, given here, has no tag, or has a digest.
    #[error("invalid tag \"{0}\"")]
    NotATag(Box<str>),
    /// A tag cannot be put on a name that is pinned by a digest.
    #[error("cannot import digest reference")]
    Pinned,
    /// The name would read as a digest, such as `sha256:…`.
    #[error("refusing to create an ambiguous tag using digest algorithm as name")]
    Ambiguous,
}
