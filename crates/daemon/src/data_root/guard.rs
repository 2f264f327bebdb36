//! The check that only the daemon's user can change a data root and its content.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The entries of a data root. The daemon creates missing ones itself.
const KEPT: &[&str] = &[
    "lock",
    "engine-id",
    "state-id",
    "state.sqlite",
    "state.sqlite-wal",
    "state.sqlite-shm",
    "content",
    "content/ingest",
    "content/blobs",
    "content/blobs/sha256",
];

/// The write permissions of the group and of others.
const OTHERS_WRITE: u32 = 0o022;

/// Why a data root is refused, as the end of a sentence that begins with its path.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The name in the data root; empty for the data root itself.
    name: &'static str,
    kind: FileType,
}

#[derive(Debug)]
enum FileType {
    File,
    BelowFile,
    Link { target: PathBuf },
    Owner { owner: u32, user: u32 },
    Mode { mode: u32 },
    Hidden { error: io::Error },
}

/// Checks the folder and its entries. Missing ones are not a fault.
pub(super) fn check(root: &Path) -> Result<(), Fault> {
    let fault = |name| move |kind| Fault { name, kind };
    let Some(found) = look(root).map_err(fault(""))? else {
        return Ok(());
    };
    if !found.is_dir() {
        return Err(fault("")(FileType::File));
    }
    is_private(&found).map_err(fault(""))?;
    for name in KEPT {
        if let Some(found) = look(&root.join(name)).map_err(fault(name))? {
            is_private(&found).map_err(fault(name))?;
        }
    }
    Ok(())
}

/// Metadata of `path`; a symbolic link is refused.
fn look(path: &Path) -> Result<Option<Metadata>, FileType> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(FileType::Link {
            target: fs::read_link(path).unwrap_or_default(),
        }),
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(FileType::BelowFile),
        Err(error) => Err(FileType::Hidden { error }),
    }
}

fn is_private(found: &Metadata) -> Result<(), FileType> {
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user {
        let owner = found.uid();
        return Err(FileType::Owner { owner, user });
    }
    let mode = found.mode() & 0o7777;
    match mode & OTHERS_WRITE {
        0 => Ok(()),
        _ => Err(FileType::Mode { mode }),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "is not safe to use: {} in it ", self.name)?;
        }
        match &self.kind {
            FileType::File => f.write_str("is a file: name a folder with --data-root"),
            FileType::BelowFile => {
                f.write_str("is below a file, not a folder: name a folder with --data-root")
            }
            FileType::Link { target } => {
                let target = target.display();
                match self.name {
                    "" => write!(
                        f,
                        "is a symbolic link to {target}: name the folder itself with --data-root"
                    ),
                    _ => write!(
                        f,
                        "is a symbolic link to {target}: replace it with what it leads to, or \
                         mount that there"
                    ),
                }
            }
            FileType::Owner { owner, user } => write!(
                f,
                "belongs to user {owner}, and this daemon runs as user {user}: run it as that \
                 user, change the owner with chown, or name another folder with --data-root"
            ),
            FileType::Mode { mode } => write!(
                f,
                "may be written to by other users (mode {mode:04o}): take that from them with \
                 chmod go-w, or name a folder below it with --data-root"
            ),
            FileType::Hidden { error } => write!(
                f,
                "cannot be looked at ({error}): run as the user who owns it, or name a folder of \
                 your own with --data-root"
            ),
        }
    }
}
