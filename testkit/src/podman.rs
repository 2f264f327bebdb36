//! podman with a separate storage.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::tool::PODMAN;

/// Runs podman with its storage in `folder` and returns its standard output.
///
/// # Panics
/// When it is not installed or fails; with its output.
pub fn podman<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Vec<u8> {
    let temporary = folder.join("tmp");
    fs::create_dir_all(&temporary).expect("a folder for temporary files");
    let options = [
        ("--root", folder.join("root").into_os_string()),
        ("--runroot", folder.join("runroot").into_os_string()),
        ("--tmpdir", temporary.into_os_string()),
        ("--storage-driver", "vfs".into()),
        ("--events-backend", "none".into()),
    ];
    let options = options
        .into_iter()
        .flat_map(|(name, value)| [name.into(), value]);
    let arguments = arguments
        .iter()
        .map(|argument| argument.as_ref().to_owned());
    PODMAN.run(options.chain(arguments))
}
