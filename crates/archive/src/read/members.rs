//! The members of an archive by name, and following links between them.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use sockerless_reference::Digest;

use super::path::{clean, prefixes};
use crate::{Blob, Error};

/// Maximum number of links followed before they count as a loop.
const LINK_HOPS: usize = 32;

/// The members of an archive, by name.
#[derive(Debug, Default)]
pub(crate) struct Members {
    by_path: HashMap<String, Member>,
    /// Hashes of the paths of symbolic links, any of which may stand for a folder in the path of a
    /// member.
    links: HashSet<u64>,
    /// Number of blobs so far, to index them.
    announced: usize,
    /// Total bytes of the documents and names.
    pub(super) kept_bytes: u64,
    /// The blobs in the order of the archive.
    pub(crate) blobs: Vec<Blob>,
}

/// One member.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// A JSON document, kept in memory.
    Document(Document),
    /// Any other file: an index into the blobs.
    Blob(usize),
    /// An empty file, also a blob.
    Empty(usize),
    /// A link, with its target as written.
    Link { target: String, symbolic: bool },
    /// A sparse file in GNU's old form, whose bytes are not kept.
    OldSparse,
}

/// A JSON document with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Digest of the bytes.
    pub digest: Digest,
    /// The bytes as received.
    pub bytes: Bytes,
}

impl Document {
    /// Makes a document and computes its digest.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            digest: Digest::of(&bytes),
            bytes,
        }
    }
}

/// What a name refers to, after following links.
#[derive(Debug)]
pub(crate) enum Resolved<'a> {
    Document(&'a Document),
    Blob(&'a Blob),
    /// An empty file.
    Empty(&'a Blob),
    /// Nothing of that name.
    Missing,
}

impl Members {
    /// Adds a member under its name; the last of several wins. One that is written through a linked
    /// folder is added where the link leads.
    pub(super) fn insert(&mut self, path: String, member: Member) {
        let path = self.unlinked(path);
        if let Member::Link { symbolic: true, .. } = member {
            self.links
                .extend(prefixes(path.as_bytes()).last().map(|(_, hash)| hash));
        }
        self.by_path.insert(path, member);
    }

    /// Adds the next blob under its name.
    pub(super) fn insert_blob(&mut self, path: String, empty: bool) {
        let index = self.announced;
        self.insert(
            path,
            if empty {
                Member::Empty(index)
            } else {
                Member::Blob(index)
            },
        );
        self.announced += 1;
    }

    /// Resolves `name`.
    ///
    /// A symbolic link, including one to a parent folder, is relative to its own folder, or else to
    /// the root of the archive, as some writers mean it; a hard link is relative to the root.
    ///
    /// # Errors
    /// [`Error::Climbs`] when the name leads outside the archive, [`Error::Link`] when it is a link
    /// without a target, [`Error::OldSparse`] when its bytes were not kept.
    pub(crate) fn get(&self, name: &str) -> Result<Resolved<'_>, Error> {
        let climbs = || Error::Climbs {
            entry: name.to_owned(),
        };
        let path = clean(name).ok_or_else(climbs)?;
        let blob = |index: usize| self.blobs.get(index);
        Ok(match self.find(&path, &mut LINK_HOPS.clone()) {
            Found::Member(Member::Document(document)) => Resolved::Document(document),
            Found::Member(Member::Empty(index)) => {
                blob(*index).map_or(Resolved::Missing, Resolved::Empty)
            }
            Found::Member(Member::Blob(index)) => {
                blob(*index).map_or(Resolved::Missing, Resolved::Blob)
            }
            Found::Member(Member::OldSparse) => {
                return Err(Error::OldSparse {
                    entry: name.to_owned(),
                });
            }
            Found::Nothing | Found::Member(Member::Link { .. }) => Resolved::Missing,
            Found::Climbs => return Err(climbs()),
            Found::Dangling(target) => {
                return Err(Error::Link {
                    entry: name.to_owned(),
                    target,
                });
            }
        })
    }

    /// Follows at most `hops` links, over all alternatives together.
    fn find(&self, path: &str, hops: &mut usize) -> Found<'_> {
        let (link, rest) = match self.by_path.get(path) {
            Some(Member::Link { .. }) => (path, ""),
            Some(member) => return Found::Member(member),
            None => match self.linked_folder(path) {
                Some(folder) => (folder, &path[folder.len()..]),
                None => return Found::Nothing,
            },
        };
        if *hops == 0 {
            return Found::Dangling(path.to_owned());
        }
        *hops -= 1;
        let [beside, from_root] = self.targets(link);
        let mut found = Found::Climbs;
        for target in beside.into_iter().chain(from_root) {
            let target = format!("{target}{rest}");
            found = match self.find(&target, hops) {
                Found::Member(member) => return Found::Member(member),
                Found::Nothing if rest.is_empty() => Found::Dangling(target),
                other => other,
            };
        }
        found
    }

    /// The possible targets of a link: relative to its own folder and to the root, if these differ.
    fn targets(&self, link: &str) -> [Option<String>; 2] {
        let Some(Member::Link { target, symbolic }) = self.by_path.get(link) else {
            return [None, None];
        };
        let folder = link.rsplit_once('/').map(|(folder, _)| folder);
        let folder = folder.filter(|_| *symbolic && !target.starts_with('/'));
        let beside = folder.and_then(|folder| clean(&format!("{folder}/{target}")));
        let from_root = clean(target).filter(|path| beside.as_ref() != Some(path));
        [beside, from_root]
    }

    /// The outermost parent folder of `path` that is a symbolic link.
    fn linked_folder<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.links.is_empty() {
            return None;
        }
        let mut folders = prefixes(path.as_bytes())
            .take_while(|(end, _)| *end < path.len())
            .filter(|(_, hash)| self.links.contains(hash));
        folders.find_map(|(end, _)| {
            let folder = &path[..end];
            let link = self.by_path.get(folder);
            matches!(link, Some(Member::Link { symbolic: true, .. })).then_some(folder)
        })
    }

    /// `path` with linked parent folders replaced by their targets.
    fn unlinked(&self, mut path: String) -> String {
        for _ in 0..LINK_HOPS {
            let Some(folder) = self.linked_folder(&path) else {
                break;
            };
            let Some(target) = self.targets(folder).into_iter().flatten().next() else {
                break;
            };
            path = format!("{target}{}", &path[folder.len()..]);
        }
        path
    }

    /// Total bytes of the documents and names.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.kept_bytes
    }

    /// A top-level document of the archive, if it exists.
    pub(crate) fn document(&self, name: &str) -> Result<Option<&Document>, Error> {
        Ok(match self.get(name)? {
            Resolved::Document(document) => Some(document),
            _ => None,
        })
    }

    /// The blobs, after all look-ups.
    pub(crate) fn into_blobs(self) -> Vec<Blob> {
        self.blobs
    }
}

/// The result of following a name.
enum Found<'a> {
    Member(&'a Member),
    Nothing,
    /// A link to this path, which does not exist.
    Dangling(String),
    /// A path outside the archive.
    Climbs,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(links: &[(&str, &str)], files: &[&str]) -> Members {
        let mut members = Members::default();
        for (path, target) in links {
            let target = (*target).to_owned();
            let symbolic = true;
            members.insert((*path).to_owned(), Member::Link { target, symbolic });
        }
        for path in files {
            let document = Member::Document(Document::new(path.as_bytes().to_vec()));
            members.insert((*path).to_owned(), document);
        }
        members
    }

    fn content(members: &Members, name: &str) -> Option<String> {
        match members.get(name).ok()? {
            Resolved::Document(document) => String::from_utf8(document.bytes.to_vec()).ok(),
            _ => None,
        }
    }

    #[test]
    fn folders_that_are_links() {
        for (links, file, name) in [
            (&[("cur", "v1")][..], "v1/l.tar", "cur/l.tar"),
            (&[("cur", "./v1/")], "v1/l.tar", "./cur//l.tar"),
            (&[("cur", "/v1")], "v1/l.tar", "cur/l.tar"),
            (&[("a/cur", "../v1")], "v1/l.tar", "a/cur/l.tar"),
            (&[("a/cur", "v1")], "a/v1/l.tar", "a/cur/l.tar"),
            (&[("a/cur", "v1")], "v1/l.tar", "a/cur/l.tar"),
            (&[("a", "b"), ("b", "c")], "c/d/l.tar", "a/d/l.tar"),
            (&[("a", "b"), ("b/l.tar", "../c")], "c", "a/l.tar"),
            (&[("a", "b"), ("b/c", "../d")], "d/l.tar", "a/c/l.tar"),
            (&[("a", "v1")], "a/l.tar", "v1/l.tar"),
            (&[("a", "v1")], "a/l.tar", "a/l.tar"),
        ] {
            let members = members(links, &[file]);
            assert_eq!(content(&members, name).as_deref(), Some(file), "{links:?}");
        }
    }

    #[test]
    fn folders_that_lead_nowhere() {
        let members = members(
            &[("a", "b"), ("b", "a"), ("out", "../../etc"), ("gone", "x")],
            &["file"],
        );
        for name in ["a/l.tar", "gone/l.tar", "file/l.tar"] {
            assert_eq!(content(&members, name), None, "{name}");
        }
        assert!(matches!(
            members.get("out/l.tar"),
            Err(Error::Climbs { .. })
        ));
        assert!(matches!(members.get("gone/l.tar"), Ok(Resolved::Missing)));
        assert!(matches!(members.get("a"), Err(Error::Link { .. })));
    }

    #[test]
    fn links_at_every_depth_cost_no_more_than_hops() {
        let depth = 2000;
        let path = vec!["a"; depth].join("/");
        let links: Vec<_> = prefixes(path.as_bytes())
            .map(|(end, _)| &path[..end])
            .collect();
        let links: Vec<_> = links.into_iter().map(|path| (path, "a/a")).collect();
        let members = members(&links, &[]);
        assert_eq!(content(&members, &format!("{path}/l.tar")), None);
    }
}
