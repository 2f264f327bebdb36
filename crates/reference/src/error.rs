use crate::DigestError;

/// Why a text is not the reference that was asked for, in the words Docker's clients know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// The text is outside the grammar.
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
    /// The digest has the grammar of a digest but is none that can be verified.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A tag is other than 1 to 128 of `[A-Za-z0-9_.-]`, or begins with `.` or `-`.
    #[error("invalid tag format")]
    Tag,
    /// A repository that should be in its canonical form is not.
    #[error("repository name must be canonical")]
    NotCanonical,
    /// A name in an archive, given here, has no tag, or has a digest.
    #[error("invalid tag \"{0}\"")]
    NotATag(Box<str>),
    /// A tag cannot be put on a name that is pinned by a digest.
    #[error("cannot import digest reference")]
    Pinned,
    /// The tag would be `sha256:…` or the like, which reads as a digest.
    #[error("refusing to create an ambiguous tag using digest algorithm as name")]
    Ambiguous,
}
