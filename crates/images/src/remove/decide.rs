//! Decides what the removal of an image removes, by Docker's rules.

use sockerless_reference::{Digest, Reference};

/// How the client named the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// One of its names.
    Name(Reference),
    /// A repository and digest under which it can be pulled.
    RepoDigest(Reference),
    /// Its ID, the beginning of it, or another digest of it.
    Id,
}

/// The state of an image when that is decided.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) id: Digest,
    pub(super) names: &'a [Reference],
    /// Without those of the staging repository.
    pub(super) repo_digests: &'a [Reference],
    /// The ID of a container that uses it.
    pub(super) user: Option<&'a str>,
}

/// What to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// Names and repository digests, in the order of the response.
    pub(super) untagged: Vec<Reference>,
    /// Whether the image is removed too.
    pub(super) image: bool,
}

/// Decides; `asked` is what the client wrote. An error has Docker's message.
pub(super) fn decide(
    word: &Word,
    asked: &str,
    seen: &Seen<'_>,
    force: bool,
) -> Result<Decision, String> {
    let id = seen.id.short();
    let container = seen.user.map(|user| user.get(..12).unwrap_or(user));
    match word {
        Word::Name(name) | Word::RepoDigest(name) => {
            let decision = untag(name, seen);
            match container {
                Some(container) if decision.image && !force => Err(format!(
                    "conflict: unable to remove repository reference \"{asked}\" (must force) - \
                     container {container} is using its referenced image {id}"
                )),
                _ => Ok(decision),
            }
        }
        Word::Id => {
            let reason = if force {
                None
            } else if !is_single(seen) {
                Some("image is referenced in multiple repositories".to_owned())
            } else {
                container.map(|container| {
                    format!("image is being used by stopped container {container}")
                })
            };
            match reason {
                Some(reason) => Err(format!(
                    "conflict: unable to delete {id} (must be forced) - {reason}"
                )),
                None => Ok(Decision {
                    untagged: all(seen).cloned().collect(),
                    image: true,
                }),
            }
        }
    }
}

/// Removes one name; with the last name of a repository also its repository digests, and with the
/// last of all the image.
fn untag(name: &Reference, seen: &Seen<'_>) -> Decision {
    let mut untagged = vec![name.clone()];
    let of_repository = |other: &&Reference| other.repository() == name.repository();
    let is_last = !seen
        .names
        .iter()
        .filter(of_repository)
        .any(|other| other != name);
    if name.digest().is_none() && is_last {
        untagged.extend(seen.repo_digests.iter().filter(of_repository).cloned());
    }
    let image = all(seen).all(|other| untagged.contains(other));
    Decision { untagged, image }
}

/// Whether the image has at most one name, and repository digests of no other repository.
fn is_single(seen: &Seen<'_>) -> bool {
    let mut all = all(seen);
    let Some(first) = all.next() else {
        return true;
    };
    seen.names.len() <= 1 && all.all(|other| other.repository() == first.repository())
}

fn all<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a Reference> + use<'a> {
    seen.names.iter().chain(seen.repo_digests)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "1291b07061e0aaaa";

    fn references(texts: &[&str]) -> Vec<Reference> {
        let digest = Digest::of("manifest");
        let parse = |text: &&str| {
            let name: Reference = text.trim_end_matches('@').parse().expect("a name");
            match text.ends_with('@') {
                true => name.with_digest(digest),
                false => name,
            }
        };
        texts.iter().map(parse).collect()
    }

    /// A name that ends in `@` stands for one with a digest; the response reports it in the same
    /// form.
    fn decided(
        word: &str,
        all: &[&str],
        user: Option<&str>,
        force: bool,
    ) -> Result<(Vec<String>, bool), String> {
        let all = references(all);
        let (names, repo_digests): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|name| name.digest().is_none());
        let seen = Seen {
            id: Digest::of("id"),
            names: &names,
            repo_digests: &repo_digests,
            user,
        };
        let asked = match word {
            "ID" => Word::Id,
            name if name.ends_with('@') => Word::RepoDigest(references(&[name]).remove(0)),
            name => Word::Name(references(&[name]).remove(0)),
        };
        let decision = decide(&asked, word, &seen, force)?;
        let told = decision.untagged.iter().map(|name| match name.digest() {
            Some(_) => format!("{}@", name.familiar_repository()),
            None => name.familiar().to_owned(),
        });
        Ok((told.collect(), decision.image))
    }

    #[test]
    fn by_name() {
        for (word, all, untagged, image) in [
            ("a:1", &["a:1"][..], &["a:1"][..], true),
            ("a:1", &["a:1", "a:2"], &["a:1"], false),
            ("a:1", &["a:1", "b:1"], &["a:1"], false),
            ("a:1", &["a:1", "a@"], &["a:1", "a@"], true),
            ("a:1", &["a:1", "a:2", "a@"], &["a:1"], false),
            ("a:1", &["a:1", "a@", "b@"], &["a:1", "a@"], false),
            ("a:1", &["a:1", "b:1", "a@"], &["a:1", "a@"], false),
            ("a@", &["a:1", "a@"], &["a@"], false),
            ("a@", &["a@"], &["a@"], true),
        ] {
            for force in [false, true] {
                let expected = untagged.iter().map(|name| (*name).to_owned()).collect();
                assert_eq!(
                    decided(word, all, None, force),
                    Ok((expected, image)),
                    "{word} of {all:?}"
                );
            }
        }
    }

    #[test]
    fn by_id() {
        let id = Digest::of("id").short();
        let several = format!(
            "conflict: unable to delete {id} (must be forced) - image is referenced in multiple \
             repositories"
        );
        for (all, single) in [
            (&[][..], true),
            (&["a:1"], true),
            (&["a@"], true),
            (&["a:1", "a@"], true),
            (&["a:1", "a:2"], false),
            (&["a:1", "b:1"], false),
            (&["a:1", "b@"], false),
            (&["a@", "b@"], false),
        ] {
            let every: Vec<String> = all.iter().map(|name| (*name).to_owned()).collect();
            let expected = match single {
                true => Ok((every.clone(), true)),
                false => Err(several.clone()),
            };
            assert_eq!(decided("ID", all, None, false), expected, "{all:?}");
            assert_eq!(decided("ID", all, None, true), Ok((every, true)));
        }
    }

    #[test]
    fn in_use() {
        let id = Digest::of("id").short();
        let by_name = format!(
            "conflict: unable to remove repository reference \"a:1\" (must force) - container \
             1291b07061e0 is using its referenced image {id}"
        );
        let by_id = format!(
            "conflict: unable to delete {id} (must be forced) - image is being used by stopped \
             container 1291b07061e0"
        );
        let user = Some(USER);
        assert_eq!(decided("a:1", &["a:1"], user, false), Err(by_name));
        assert_eq!(decided("ID", &["a:1"], user, false), Err(by_id));
        let one = vec!["a:1".to_owned()];
        assert_eq!(
            decided("a:1", &["a:1", "b:1"], user, false),
            Ok((one.clone(), false)),
            "the image keeps a name"
        );
        for word in ["a:1", "ID"] {
            assert_eq!(decided(word, &["a:1"], user, true), Ok((one.clone(), true)));
        }
    }
}
