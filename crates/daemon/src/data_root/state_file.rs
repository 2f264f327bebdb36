//! The state's file in a data root, and whether it belongs there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sockerless_images::Digest;

use crate::kept;

/// Characters of an ID that an error shows: more than any valid one has.
const SHOWN: usize = 64;

/// The state's file in a data root.
#[derive(Debug)]
pub(crate) struct StateFile {
    root: PathBuf,
}

/// Why a state's file does not belong to its data root.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateFileError {
    #[error(
        "the state file {path} is {what}, and {beside} shows that there was one: put it back from \
         a backup, or, to begin without images, move {root} away",
        path = .path.display(),
        beside = .beside.display(),
        root = .root.display()
    )]
    Lost {
        path: PathBuf,
        what: &'static str,
        beside: PathBuf,
        root: PathBuf,
    },
    #[error(
        "the state file {path} is not the one of this data root: it has ID {found}, and {beside} \
         names {expected}. Put the right file back; or, if this one is right, remove {beside}",
        path = .path.display(),
        beside = .beside.display()
    )]
    Replaced {
        path: PathBuf,
        found: String,
        expected: String,
        beside: PathBuf,
    },
    #[error("cannot {action} {path}", path = .path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl StateFile {
    /// The file in the data root `root`.
    pub(crate) fn of(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.root.join("state.sqlite")
    }

    /// The ID of the state that this data root belongs to.
    fn id_path(&self) -> PathBuf {
        self.root.join("state-id")
    }

    /// Whether there is a state. One that existed and is missing or empty is an error: its images
    /// would seem never to have existed, and their layers would be removed.
    pub(crate) fn exists(&self) -> Result<bool, StateFileError> {
        let path = self.path();
        let what = match fs::metadata(&path) {
            Ok(found) if found.len() > 0 => return Ok(true),
            // After an unclean shutdown, everything may be in the write-ahead log.
            Ok(_) if self.has_log() => return Ok(true),
            Ok(_) => "empty",
            Err(error) if error.kind() == io::ErrorKind::NotFound => "missing",
            Err(error) => return Err(failed("look at", path)(error)),
        };
        let blobs = self.root.join("content/blobs/sha256");
        let beside = match self.id_path() {
            id if id.exists() => id,
            _ if has_blob(&blobs)? => blobs,
            _ => return Ok(false),
        };
        let root = self.root.clone();
        Err(StateFileError::Lost {
            path,
            what,
            beside,
            root,
        })
    }

    fn has_log(&self) -> bool {
        fs::metadata(self.root.join("state.sqlite-wal")).is_ok_and(|log| log.len() > 0)
    }

    /// Checks that the data root belongs to the state with this ID. Returns false if it belongs to
    /// none yet, so that any will do.
    pub(crate) fn check_id(&self, found: &str) -> Result<bool, StateFileError> {
        let beside = self.id_path();
        match fs::read_to_string(&beside) {
            Ok(expected) if expected.trim() == found => Ok(true),
            Ok(expected) => Err(StateFileError::Replaced {
                path: self.path(),
                found: found.to_owned(),
                expected: expected.trim().chars().take(SHOWN).collect(),
                beside,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("read", beside)(error)),
        }
    }

    /// Assigns the data root to the state with this ID, unless it already has one.
    pub(crate) fn claim(&self, id: &str) -> Result<(), StateFileError> {
        if self.check_id(id)? {
            return Ok(());
        }
        let path = self.id_path();
        kept::write(&path, id).map_err(failed("write", path))
    }
}

fn failed(action: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> StateFileError {
    move |source| StateFileError::Io {
        action,
        path,
        source,
    }
}

fn has_blob(blobs: &Path) -> Result<bool, StateFileError> {
    let entries = match fs::read_dir(blobs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed("read", blobs.to_owned())(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed("read", blobs.to_owned()))?;
        let name = entry.file_name();
        if name
            .to_str()
            .is_some_and(|name| Digest::from_hex(name).is_ok())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_was_there_is_missed() {
        let folder = tempfile::tempdir().expect("folder");
        let file = StateFile::of(folder.path());
        assert!(!file.exists().expect("a new data root"));
        let blobs = folder.path().join("content/blobs/sha256");
        fs::create_dir_all(&blobs).expect("folder");
        assert!(!file.exists().expect("no blob yet"));
        let blob = blobs.join(Digest::of(b"x").hex());
        fs::write(&blob, "x").expect("blob");
        for what in ["missing", "empty"] {
            let error = file.exists().expect_err(what).to_string();
            assert!(error.contains(&format!("is {what}")), "{error}");
            assert!(error.contains("from a backup"), "{error}");
            fs::write(file.path(), "").expect("empty");
        }
        fs::write(file.path(), "something").expect("state");
        assert!(file.exists().expect("a state"));
    }

    #[test]
    fn a_state_without_blobs_is_missed_too() {
        let folder = tempfile::tempdir().expect("folder");
        let file = StateFile::of(folder.path());
        file.claim("one").expect("new");
        file.exists().expect_err("its state is gone");
    }

    #[test]
    fn another_state_is_noticed() {
        let folder = tempfile::tempdir().expect("folder");
        let file = StateFile::of(folder.path());
        assert!(!file.check_id("one").expect("of none"));
        file.claim("one").expect("new");
        assert!(file.check_id("one").expect("its own"));
        let error = file.claim("two").expect_err("another").to_string();
        assert!(error.contains("not the one of this data root"), "{error}");
    }
}
