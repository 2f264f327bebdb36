//! The daemon's ID.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::kept;

/// Why the daemon's ID cannot be stored.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the ID of this daemon in {path}", path = .path.display())]
pub(crate) struct Error {
    path: PathBuf,
    source: io::Error,
}

/// The ID that `docker info` shows: stored in the data root, or new on each start without one.
///
/// The caller must hold the lock of the data root.
pub(crate) fn engine_id(data_root: Option<&Path>) -> Result<String, Error> {
    let Some(data_root) = data_root else {
        return Ok(Uuid::new_v4().to_string());
    };
    let path = data_root.join("engine-id");
    match fs::read_to_string(&path) {
        Ok(text) => {
            if let Ok(id) = text.trim().parse::<Uuid>() {
                return Ok(id.to_string());
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(Error { path, source }),
    }
    let id = Uuid::new_v4().to_string();
    match kept::write(&path, &id) {
        Ok(()) => Ok(id),
        Err(source) => Err(Error { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_with_the_data() {
        let folder = tempfile::tempdir().expect("folder");
        let id = engine_id(Some(folder.path())).expect("writable");
        assert_eq!(engine_id(Some(folder.path())).expect("readable"), id);
        assert_ne!(engine_id(None).expect("nothing to fail"), id);
        fs::write(folder.path().join("engine-id"), "torn").expect("write");
        let new = engine_id(Some(folder.path())).expect("writable");
        assert_ne!(new, id);
        assert_eq!(engine_id(Some(folder.path())).expect("readable"), new);
    }
}
