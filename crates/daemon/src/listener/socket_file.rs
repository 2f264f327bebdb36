//! The file of a socket, which may be removed while the daemon listens.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use super::{AsyncListener, Error, Socket, listen};

/// The interval between two checks that the file still exists.
const LOOK: Duration = Duration::from_secs(1);

/// The file of a socket that was created here. It is removed on drop.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// The inode of the file that was created here.
    own: Mutex<Inode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Inode {
    device: u64,
    inode: u64,
}

impl Inode {
    /// The inode at `path`; `None` if there is no file.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        match fs::symlink_metadata(path) {
            Ok(found) => Ok(Some(Self {
                device: found.dev(),
                inode: found.ino(),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl SocketFile {
    /// The file at `path`, to which a socket has just been bound.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let own = Inode::of(path)?.ok_or(io::ErrorKind::NotFound)?;
        Ok(Self {
            path: path.to_owned(),
            own: Mutex::new(own),
        })
    }

    fn own(&self) -> Inode {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens anew if the file is gone. `None` if it exists.
    fn restore(&self) -> Result<Option<Socket>, Lost> {
        match Inode::of(&self.path).map_err(Lost::Hidden)? {
            Some(found) if found == self.own() => Ok(None),
            Some(_) => Err(Lost::Replaced),
            None => {
                let again = |source| Lost::Again(Error::unix(&self.path, source));
                let listener = listen(&self.path).map_err(again)?;
                let own = Inode::of(&self.path).map_err(again)?;
                if let Some(found) = own {
                    *self.own.lock().unwrap_or_else(PoisonError::into_inner) = found;
                }
                Ok(Some(Socket::Unix(listener)))
            }
        }
    }
}

/// Why new clients cannot reach this daemon at its socket.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("something else has taken its place")]
    Replaced,
    #[error("it cannot be looked at: {0}")]
    Hidden(io::Error),
    #[error("{0}")]
    Again(Error),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_ours = Inode::of(&self.path).is_ok_and(|now| now == Some(self.own()));
        if is_ours && let Err(error) = fs::remove_file(&self.path) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(path = %self.path.display(), error, "the socket cannot be removed");
        }
    }
}

/// Checks periodically that the file of a socket exists.
#[derive(Debug)]
pub(crate) struct Watch {
    file: Option<Arc<SocketFile>>,
    ticks: Interval,
    /// The last logged problem, so that it is logged once.
    told: Option<String>,
}

impl Watch {
    /// Watches the file, if there is one.
    pub(crate) fn new(file: Option<Arc<SocketFile>>) -> Self {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            file,
            ticks,
            told: None,
        }
    }

    /// Waits until the file is removed, and returns the listener at its replacement.
    pub(crate) async fn restored(&mut self) -> AsyncListener {
        let Some(file) = self.file.clone() else {
            return std::future::pending().await;
        };
        loop {
            self.ticks.tick().await;
            let restore = {
                let file = Arc::clone(&file);
                move || file.restore()
            };
            let restored = match tokio::task::spawn_blocking(restore).await {
                Ok(restored) => restored,
                Err(error) => Err(Lost::Hidden(io::Error::other(error))),
            };
            let path = file.path.display();
            let listener = match restored {
                Ok(None) => {
                    self.told = None;
                    continue;
                }
                Ok(Some(socket)) => AsyncListener::new(socket)
                    .map_err(|source| Lost::Again(Error::unix(&file.path, source))),
                Err(lost) => Err(lost),
            };
            match listener {
                Ok(listener) => {
                    self.told = None;
                    tracing::warn!(%path, "the socket was removed, and is made again");
                    return listener;
                }
                Err(lost) => {
                    let error = lost.to_string();
                    if self.told.as_ref() != Some(&error) {
                        tracing::error!(
                            %path,
                            error,
                            "the socket was removed: clients that come now do not reach this daemon"
                        );
                        self.told = Some(error);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use listenfd::ListenFd;

    use super::*;
    use crate::host::Host;
    use crate::listener::bind;

    fn bound(path: &Path) -> super::super::Listener {
        let host = Host::Unix(path.to_owned());
        let mut listeners = bind(&host, &mut ListenFd::empty(), false).expect("free");
        listeners.pop().expect("one")
    }

    #[test]
    fn a_file_that_was_removed_is_made_again() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        let listener = bound(&path);
        let file = listener.file.expect("a file");
        assert!(file.restore().expect("there").is_none());
        fs::remove_file(&path).expect("remove");
        UnixStream::connect(&path).expect_err("gone");
        let again = file.restore().expect("a free place").expect("made again");
        UnixStream::connect(&path).expect("reached");
        drop((again, file));
        assert!(!path.exists());
    }

    #[test]
    fn what_others_put_there_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        let listener = bound(&path);
        let file = listener.file.expect("a file");
        fs::remove_file(&path).expect("remove");
        fs::write(&path, "precious").expect("write");
        let error = file.restore().expect_err("taken").to_string();
        assert!(error.contains("something else"), "{error}");
        drop(file);
        assert_eq!(fs::read(&path).expect("still there"), b"precious");
    }
}
