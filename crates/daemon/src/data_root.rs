use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The folder with everything that is kept. No other daemon has it as long as this exists.
#[derive(Debug)]
pub(crate) struct DataRoot {
    path: PathBuf,
    /// The lock is on the open file; the kernel lets go of it when the process ends, however.
    _lock: File,
}

/// Why a data root cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot make the data root {path}", path = .path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error(
        "the data root {path} is held by another daemon: end that one, or name another folder \
         with --data-root",
        path = .path.display()
    )]
    Held { path: PathBuf },
    #[error("cannot lock the data root {path}", path = .path.display())]
    Lock { path: PathBuf, source: io::Error },
}

impl DataRoot {
    /// Makes the folder if there is none, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        if let Err(source) = DirBuilder::new().recursive(true).mode(0o700).create(&path) {
            return Err(Error::Create { path, source });
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"));
        let lock = match file {
            Ok(lock) => lock,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a/b");
        let first = DataRoot::open(&path).expect("free");
        let error = DataRoot::open(&path).expect_err("held");
        assert!(
            error.to_string().contains("is held by another daemon"),
            "{error}"
        );
        drop(first);
        DataRoot::open(&path).expect("free again");
    }
}
