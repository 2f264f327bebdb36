//! The check of a layer's tar while it passes through.

use super::tree::{HardLink, Paths, Tree, shown};
use crate::tar::{Entry, EntryKind, Event, TarError, Walker};

/// Upper bound for the total bytes of files: sparse files may have any size, and sums over layers
/// must not overflow.
const CONTENT_MAX: u64 = 1 << 50;

/// Walks the tar of a layer as it passes through, to check that it can be unpacked and to add up
/// its file sizes.
#[derive(Debug)]
pub(super) struct TarCheck {
    walker: Walker,
    tree: Tree,
    content_size: u64,
    fault: Option<TarError>,
    /// Set if it may be an image archive that was mistaken for a file system.
    marks: Option<ImageMarks>,
}

/// The result of a check.
#[derive(Debug)]
pub(super) struct Checked {
    /// Total bytes of the files in it.
    pub(super) content_size: u64,
    /// Its hard links to files outside the layer.
    pub(super) elsewhere: Vec<HardLink>,
    /// Its paths, if they are known.
    pub(super) paths: Option<Paths>,
}

impl TarCheck {
    pub(super) fn new(header_bytes: u64) -> Self {
        Self {
            walker: Walker::new(header_bytes),
            tree: Tree::default(),
            content_size: 0,
            fault: None,
            marks: None,
        }
    }

    /// As [`new`](Self::new), and detects whether it is an image archive.
    pub(super) fn watching(header_bytes: u64) -> Self {
        Self {
            marks: Some(ImageMarks::default()),
            ..Self::new(header_bytes)
        }
    }

    /// Whether it looks like an image archive.
    pub(super) fn is_image_archive(&self) -> bool {
        self.marks.as_ref().is_some_and(ImageMarks::are_of_an_image)
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while self.fault.is_none() {
            match self.walker.step(bytes) {
                Ok((_, Event::More | Event::End)) => break,
                Ok((used, event)) => {
                    if let Event::Entry(entry) = event {
                        self.entry(&entry);
                    }
                    bytes = &bytes[used..];
                }
                Err(fault) => self.fault = Some(fault),
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        if let Err(fault) = self.tree.add(entry) {
            let entry = shown(&entry.name());
            self.fault = Some(TarError::Entry { entry, fault });
        }
        if entry.kind == EntryKind::File {
            let sum = self.content_size.saturating_add(entry.size);
            self.content_size = sum.min(CONTENT_MAX);
            if let Some(marks) = &mut self.marks {
                marks.note(&String::from_utf8_lossy(&entry.name()));
            }
        }
    }

    /// Whether it is known to be invalid, whatever follows.
    pub(super) fn failed(&self) -> bool {
        self.fault.is_some()
    }

    /// Returns the result. At most `room` of its paths are kept.
    pub(super) fn finish(self, room: &mut usize) -> Result<Checked, TarError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.walker.finish()?;
        let (elsewhere, paths) = self.tree.finish(room);
        Ok(Checked {
            content_size: self.content_size,
            elsewhere,
            paths,
        })
    }
}

/// Members that an image archive has but a root file system does not.
#[derive(Debug, Default)]
struct ImageMarks {
    /// A file that lists images.
    list: bool,
    /// A file that is part of an image.
    part: bool,
}

impl ImageMarks {
    fn note(&mut self, path: &str) {
        let path = path.trim_start_matches("./");
        self.list |= matches!(path, "manifest.json" | "repositories" | "oci-layout");
        self.part |= path.starts_with("blobs/sha256/")
            || path.ends_with("/layer.tar")
            || is_named_by_digest(path);
    }

    fn are_of_an_image(&self) -> bool {
        self.list && self.part
    }
}

/// `<64 hexadecimal characters>.json`, and the like.
fn is_named_by_digest(path: &str) -> bool {
    let stem = path.split_once('.').map_or(path, |(stem, _)| stem);
    stem.len() == 64 && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
}
