//! The files that a layer creates, to find entries that cannot be unpacked.

use std::collections::HashSet;

use super::path::prefixes;
use crate::tar::{Entry, EntryFault, EntryKind, TarError};

/// Maximum number of paths kept for one layer, and for all finished layers of one thread. Beyond it
/// fewer checks are made: a hard link without a target may be accepted.
pub(super) const PATHS: usize = 200_000;

/// Maximum number of hard links out of one layer that are kept.
const ELSEWHERE: usize = 16;

/// Maximum bytes of a file name on Linux.
const NAME_MAX: usize = 255;

/// Maximum bytes of a symbolic link's target on Linux.
const TARGET_MAX: usize = 4095;

/// Maximum bytes of the name and of the value of an extended attribute on Linux.
const XATTR_NAME_MAX: usize = 255;
const XATTR_VALUE_MAX: usize = 64 << 10;

/// Name prefix of an entry that removes another.
const WHITEOUT: &[u8] = b".wh.";

/// The files that a layer creates, as far as needed to find entries that cannot be unpacked:
/// runtimes unpack the entries in order, and fail at the first that they cannot create.
///
/// It only errs in accepting: what it refuses, docker, podman, containerd and umoci refuse too.
/// Paths are kept as hashes, up to a bound.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Every path with an entry.
    names: HashSet<u64>,
    /// Paths that are, were or may be symbolic links.
    links: HashSet<u64>,
    /// Folders with an entry of their own.
    folders: HashSet<u64>,
    /// Folders that only occur as parents.
    parents: HashSet<u64>,
    /// Paths that cannot have entries below them: files, devices, pipes.
    files: HashSet<u64>,
    elsewhere: Vec<HardLink>,
    /// An entry was written through a link, so that more paths exist than are kept.
    aliased: bool,
    /// There were too many paths to keep.
    full: bool,
    /// The folder of the last entry, and whether one of its parents is a link.
    last_folder: Option<(u64, bool)>,
    /// The clean path of the current entry.
    path: Vec<u8>,
}

/// A hard link to a file outside its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HardLink {
    /// Its name.
    pub(crate) entry: String,
    /// The clean path of its target.
    pub(crate) target: Vec<u8>,
}

impl HardLink {
    /// The error for a link without a target.
    pub(crate) fn leads_nowhere(&self) -> TarError {
        TarError::Entry {
            entry: self.entry.clone(),
            fault: EntryFault::LinkToNothing {
                target: shown(&self.target),
            },
        }
    }
}

/// The paths of a layer, for the layers above it.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    names: Box<[u64]>,
    links: Box<[u64]>,
    parents: Box<[u64]>,
}

impl Paths {
    /// Whether this layer may have the `target` of a hard link.
    pub(crate) fn may_have(&self, target: &[u8]) -> bool {
        prefixes(target).any(|(end, hash)| {
            let among = match end == target.len() {
                true => &self.names,
                false => &self.links,
            };
            among.binary_search(&hash).is_ok()
        })
    }

    /// Whether entries of this layer may be written through links of the one `below`.
    pub(crate) fn may_pass_through(&self, below: &Self) -> bool {
        let links = &below.links;
        self.parents
            .iter()
            .any(|path| links.binary_search(path).is_ok())
    }

    /// The number of paths.
    pub(crate) fn len(&self) -> usize {
        self.names.len() + self.links.len() + self.parents.len()
    }
}

impl Tree {
    /// Adds the next entry of the layer.
    ///
    /// # Errors
    /// The fault, if the entry cannot be unpacked.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), EntryFault> {
        entry.attributes().map_err(EntryFault::Header)?;
        let mut path = std::mem::take(&mut self.path);
        clean_into(&mut path, &entry.name());
        let added = self.add_at(&path, entry);
        self.path = path;
        added
    }

    fn add_at(&mut self, path: &[u8], entry: &Entry) -> Result<(), EntryFault> {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if name.starts_with(WHITEOUT) || path.starts_with(b".wh..wh.") {
            // It may remove a path that this layer has created.
            self.forget_kinds();
            return Ok(());
        }
        entry_by_itself(path, entry)?;
        if path.is_empty() || self.full {
            return Ok(());
        }
        let below_link = self.folders_of(path)?;
        let hash = hash(path);
        if entry.kind == EntryKind::Directory {
            if self.parents.remove(&hash) {
                // What was at this path may have been a link to another place.
                self.forget_kinds();
            }
            self.files.remove(&hash);
            self.folders.insert(hash);
        } else {
            if self.folders.remove(&hash) || self.parents.remove(&hash) {
                // A folder is removed with everything in it.
                self.forget_kinds();
            }
            self.files.remove(&hash);
            match entry.kind {
                EntryKind::SymLink => {
                    self.links.insert(hash);
                }
                EntryKind::HardLink => self.hard_link(path, hash, entry)?,
                _ if below_link => {}
                _ => {
                    self.files.insert(hash);
                }
            }
        }
        self.names.insert(hash);
        if self.names.len() + self.parents.len() > PATHS {
            *self = Self {
                full: true,
                ..Self::default()
            };
        }
        Ok(())
    }

    /// Checks the parent folders of an entry. Returns whether one of them is a link.
    fn folders_of(&mut self, path: &[u8]) -> Result<bool, EntryFault> {
        let Some(end) = path.iter().rposition(|byte| *byte == b'/') else {
            return Ok(false);
        };
        let folder = hash(&path[..end]);
        if let Some((last, below_link)) = self.last_folder
            && last == folder
        {
            return Ok(below_link);
        }
        let mut below_link = false;
        for (end, hash) in prefixes(&path[..end]) {
            if !below_link && !self.aliased && self.files.contains(&hash) {
                return Err(EntryFault::BelowFile {
                    file: shown(&path[..end]),
                });
            }
            below_link |= self.links.contains(&hash);
            if !self.folders.contains(&hash) {
                self.parents.insert(hash);
            }
        }
        self.aliased |= below_link;
        self.last_folder = Some((folder, below_link));
        Ok(below_link)
    }

    fn hard_link(
        &mut self,
        path: &[u8],
        hash_of_path: u64,
        entry: &Entry,
    ) -> Result<(), EntryFault> {
        let mut target = Vec::new();
        let climbs = clean_into(&mut target, entry.target());
        // An existing entry of this name is removed before the link is made.
        self.names.remove(&hash_of_path);
        let hash = hash(&target);
        if target.is_empty() || (!self.aliased && self.folders.contains(&hash)) {
            return Err(EntryFault::LinkToFolder {
                target: shown(entry.target()),
            });
        }
        if target == path {
            return Err(EntryFault::LinkToNothing {
                target: shown(entry.target()),
            });
        }
        if self.files.contains(&hash) {
            self.files.insert(hash_of_path);
        } else {
            // It may be another name of a symbolic link.
            self.links.insert(hash_of_path);
        }
        let unsure = climbs || self.aliased || target.len() > TARGET_MAX;
        let through_link = || prefixes(&target).any(|(_, hash)| self.links.contains(&hash));
        if self.names.contains(&hash) || unsure || through_link() {
            return Ok(());
        }
        if self.elsewhere.len() < ELSEWHERE {
            let entry = shown(path);
            self.elsewhere.push(HardLink { entry, target });
        }
        Ok(())
    }

    fn forget_kinds(&mut self) {
        self.files.clear();
        self.folders.clear();
        self.last_folder = None;
    }

    /// The hard links that lead out of the layer, and its paths, unless some are unknown or there
    /// are more than `room`.
    pub(super) fn finish(self, room: &mut usize) -> (Vec<HardLink>, Option<Paths>) {
        let sorted = |set: HashSet<u64>| {
            let mut hashes: Box<[u64]> = set.into_iter().collect();
            hashes.sort_unstable();
            hashes
        };
        let paths = self.names.len() + self.links.len() + self.parents.len();
        let known = !self.full && !self.aliased && paths <= *room;
        let paths = known.then(|| {
            *room -= paths;
            Paths {
                names: sorted(self.names),
                links: sorted(self.links),
                parents: sorted(self.parents),
            }
        });
        (self.elsewhere, paths)
    }
}

/// The checks of an entry that do not depend on others.
fn entry_by_itself(path: &[u8], entry: &Entry) -> Result<(), EntryFault> {
    match entry.kind {
        EntryKind::OldSparse => return Err(EntryFault::Type(b'S')),
        EntryKind::Other(flag) => return Err(EntryFault::Type(flag)),
        _ => {}
    }
    if path.is_empty() && entry.kind != EntryKind::Directory {
        return Err(EntryFault::Root);
    }
    if path.split(|byte| *byte == b'/').any(is_too_long) {
        return Err(EntryFault::LongName);
    }
    if entry.kind == EntryKind::SymLink && !(1..=TARGET_MAX).contains(&entry.target().len()) {
        return Err(EntryFault::LinkLength(entry.target().len()));
    }
    for (name, value) in entry.xattrs() {
        if !(1..=XATTR_NAME_MAX).contains(&name.len()) || value.len() > XATTR_VALUE_MAX {
            return Err(EntryFault::Attribute { name: shown(name) });
        }
    }
    Ok(())
}

/// Whether a name is too long for both Linux and Windows, which counts in UTF-16.
fn is_too_long(name: &[u8]) -> bool {
    name.len() > NAME_MAX
        && std::str::from_utf8(name).map_or(true, |name| name.encode_utf16().count() > NAME_MAX)
}

/// Writes `name` to `path` without `./`, double slashes and the like, relative to the root. Returns
/// whether it leaves a folder that it names, which may be a link to another.
fn clean_into(path: &mut Vec<u8>, name: &[u8]) -> bool {
    path.clear();
    let mut climbs = false;
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                climbs |= !path.is_empty();
                let end = path.iter().rposition(|byte| *byte == b'/');
                path.truncate(end.unwrap_or(0));
            }
            part => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    climbs
}

fn hash(path: &[u8]) -> u64 {
    prefixes(path).last().map_or(0, |(_, hash)| hash)
}

/// A name for an error, possibly shortened.
pub(super) fn shown(name: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text = String::from_utf8_lossy(&name[..name.len().min(SHOWN)]).into_owned();
    match name.len() > SHOWN {
        true => text + "…",
        false => text,
    }
}

#[cfg(test)]
mod tests;
