//! The data root: the folder with everything that is kept.

mod guard;
mod state_file;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

pub(crate) use self::guard::Fault;
pub(crate) use self::state_file::StateFile;

/// The umask of the process: other users may read nothing.
pub(crate) const MASK: u32 = 0o077;

const LOCK: &str = "lock";

/// The data root: the folder with everything that is kept. No other daemon has it as long as this
/// exists.
#[derive(Debug)]
pub(crate) struct DataRoot {
    path: PathBuf,
    /// The lock is on the open file; the kernel releases it however the process ends.
    _lock: File,
}

/// Why a data root cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "no right to make the data root {path}: run as a user who may, or name a folder of your \
         own with --data-root",
        path = .path.display()
    )]
    Forbidden { path: PathBuf },
    #[error("the data root {path} {fault}", path = .path.display())]
    Unsafe { path: PathBuf, fault: Fault },
    #[error("cannot make the data root {path}", path = .path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("the data root {path} does not exist", path = .path.display())]
    Missing { path: PathBuf },
    #[error(
        "the data root {path} is in use by another daemon: end that one, or name another folder \
         with --data-root",
        path = .path.display()
    )]
    Held { path: PathBuf },
    #[error(
        "no right to write to the data root {path}: run as the user who owns it, or name a folder \
         of your own with --data-root",
        path = .path.display()
    )]
    Closed { path: PathBuf },
    #[error("cannot lock the data root {path}", path = .path.display())]
    Lock { path: PathBuf, source: io::Error },
}

impl DataRoot {
    /// Creates the folder if missing, ensures that only this user can change its content, and locks
    /// it.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = plain(path);
        // Before anything is created: the target of a link must not be touched.
        refuse_unsafe(&path)?;
        if let Err(source) = DirBuilder::new().recursive(true).mode(0o700).create(&path) {
            return Err(match source.kind() {
                io::ErrorKind::PermissionDenied => Error::Forbidden { path },
                _ => Error::Create { path, source },
            });
        }
        refuse_unsafe(&path)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(path.join(LOCK));
        Self::locked(path, file)
    }

    /// Locks the folder as it is, for read-only checks.
    ///
    /// `None` if no daemon has ever used it, so that there is nothing to check.
    pub(crate) fn look(path: &Path) -> Result<Option<Self>, Error> {
        let path = plain(path);
        refuse_unsafe(&path)?;
        if !path.exists() {
            return Err(Error::Missing { path });
        }
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(path.join(LOCK));
        match file {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            file => Self::locked(path, file).map(Some),
        }
    }

    fn locked(path: PathBuf, file: io::Result<File>) -> Result<Self, Error> {
        let lock = match file {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(Error::Closed { path });
            }
            Err(source) => return Err(Error::Lock { path, source }),
        };
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Held { path }),
            Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes a trailing slash, which would follow a link.
fn plain(path: &Path) -> PathBuf {
    path.components().collect()
}

fn refuse_unsafe(path: &Path) -> Result<(), Error> {
    guard::check(path).map_err(|fault| Error::Unsafe {
        path: path.to_owned(),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a/b");
        let first = DataRoot::open(&path).expect("free");
        let error = DataRoot::open(&path).expect_err("held");
        assert!(matches!(error, Error::Held { .. }), "{error}");
        let error = DataRoot::look(&path).expect_err("held");
        assert!(matches!(error, Error::Held { .. }), "{error}");
        drop(first);
        DataRoot::open(&path).expect("free again");
    }

    #[test]
    fn a_look_changes_nothing() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        let error = DataRoot::look(&path).expect_err("nothing there");
        assert!(matches!(error, Error::Missing { .. }), "{error}");
        assert!(!path.exists());
        fs::create_dir(&path).expect("folder");
        assert!(DataRoot::look(&path).expect("empty").is_none());
        assert_eq!(fs::read_dir(&path).expect("folder").count(), 0);
        drop(DataRoot::open(&path).expect("free"));
        assert!(DataRoot::look(&path).expect("free").is_some());
    }

    #[test]
    fn what_is_no_folder_of_ours() {
        let folder = tempfile::tempdir().expect("folder");
        let real = folder.path().join("real");
        fs::create_dir(&real).expect("folder");
        let link = folder.path().join("link");
        symlink(&real, &link).expect("link");
        let dangling = folder.path().join("dangling");
        symlink(folder.path().join("nothing"), &dangling).expect("link");
        let file = folder.path().join("file");
        fs::write(&file, "x").expect("file");
        let open = folder.path().join("open");
        fs::create_dir(&open).expect("folder");
        fs::set_permissions(&open, Permissions::from_mode(0o777)).expect("mode");
        for (path, words) in [
            (link.as_path(), "is a symbolic link to"),
            (&link.join(""), "is a symbolic link to"),
            (&dangling, "is a symbolic link to"),
            (&file, "is a file"),
            (&file.join("below"), "is below a file"),
            (&open, "chmod go-w"),
        ] {
            let error = DataRoot::open(path).expect_err(words).to_string();
            assert!(error.contains(words), "{}: {error}", path.display());
        }
        assert_eq!(fs::read_dir(&real).expect("folder").count(), 0);
        assert!(!folder.path().join("nothing").exists());
    }

    #[test]
    fn what_is_in_it_is_looked_at_too() {
        for name in ["lock", "state.sqlite", "content", "engine-id"] {
            let folder = tempfile::tempdir().expect("folder");
            let other = tempfile::tempdir().expect("folder");
            symlink(other.path().join("x"), folder.path().join(name)).expect("link");
            let error = DataRoot::open(folder.path()).expect_err(name).to_string();
            assert!(
                error.contains(name) && error.contains("symbolic"),
                "{error}"
            );
            assert_eq!(fs::read_dir(other.path()).expect("folder").count(), 0);
        }
        let folder = tempfile::tempdir().expect("folder");
        let blobs = folder.path().join("content/blobs/sha256");
        fs::create_dir_all(&blobs).expect("folder");
        fs::set_permissions(&blobs, Permissions::from_mode(0o720)).expect("mode");
        let error = DataRoot::open(folder.path()).expect_err("open to a group");
        assert!(error.to_string().contains("chmod go-w"), "{error}");
    }

    #[test]
    fn what_is_made_is_for_the_user_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("data");
        let _root = DataRoot::open(&path).expect("free");
        let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("lock")), 0o600);
    }
}
