//! The names of an image as responses show them.

use sockerless_images::{Found, Reference};

/// The names of an image as Docker shows them: those with a tag, and those with a digest.
pub(super) fn tags_and_digests(found: &Found) -> (Vec<String>, Vec<String>) {
    let is_pinned = |name: &&Reference| name.digest().is_some();
    let (pinned, tagged): (Vec<_>, Vec<_>) = found.names.iter().partition(is_pinned);
    let mut digests = familiar(found.repo_digests.iter().chain(pinned));
    digests.sort_unstable();
    digests.dedup();
    (familiar(tagged), digests)
}

fn familiar<'a>(names: impl IntoIterator<Item = &'a Reference>) -> Vec<String> {
    let names = names.into_iter();
    names.map(|name| name.familiar().to_owned()).collect()
}
