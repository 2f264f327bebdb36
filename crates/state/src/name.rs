//! Names and repository digests in the form in which they are stored.

use sockerless_reference::{Digest, Reference};

use crate::Error;

/// A name as it is stored: a tag in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name<'a> {
    pub(crate) repository: &'a str,
    pub(crate) tag: &'a str,
}

impl<'a> Name<'a> {
    /// Only a name with a tag and without a digest can point to another image later.
    pub(crate) fn of(reference: &'a Reference) -> Result<Self, Error> {
        let wrong = |what| {
            Err(Error::Unstorable {
                what: format!("the name {reference} {what}"),
            })
        };
        match (reference.tag(), reference.digest()) {
            (Some(tag), None) => Ok(Self {
                repository: reference.repository(),
                tag,
            }),
            (None, _) => wrong("without a tag"),
            (_, Some(_)) => wrong("with a digest"),
        }
    }
}

/// A repository and the digest of a manifest or index in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pinned<'a> {
    pub(crate) repository: &'a str,
    pub(crate) digest: Digest,
}

impl<'a> Pinned<'a> {
    /// A tag besides the digest would be lost.
    pub(crate) fn of(reference: &'a Reference) -> Result<Self, Error> {
        let wrong = |what| {
            Err(Error::Unstorable {
                what: format!("the repository digest {reference} {what}"),
            })
        };
        match (reference.tag(), reference.digest()) {
            (None, Some(digest)) => Ok(Self {
                repository: reference.repository(),
                digest,
            }),
            (_, None) => wrong("without a digest"),
            (Some(_), _) => wrong("with a tag"),
        }
    }
}

/// Only one spelling of a repository is ever stored, so that look-ups find it.
pub(crate) fn check_repository(repository: &str) -> Result<(), Error> {
    Reference::from_parts(repository, None, None)
        .map(drop)
        .map_err(|error| Error::Unstorable {
            what: format!("the repository {repository:?}: {error}"),
        })
}

/// A text that sorts after every repository with this prefix: none has its last character.
pub(crate) fn beyond(beginning: &str) -> String {
    format!("{beginning}\u{7f}")
}
