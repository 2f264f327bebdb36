use sockerless_engine::Reference;

/// The names of an image as Docker shows them: those with a tag, and those with a digest.
pub(super) fn tags_and_digests(names: &[Reference]) -> (Vec<String>, Vec<String>) {
    let (digests, tags): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.digest().is_some());
    let familiar = |names: Vec<&Reference>| {
        names
            .into_iter()
            .map(|name| name.familiar().to_owned())
            .collect()
    };
    (familiar(tags), familiar(digests))
}
