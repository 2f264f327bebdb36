use std::path::Path;

use anyhow::Result;

use super::{Daemon, alone};

pub(super) fn start(folder: &Path) -> Result<Daemon> {
    let socket = folder.join("podman.sock");
    let mut command = alone::daemon("podman", folder)?;
    command
        .arg("--root")
        .arg(folder.join("data"))
        .arg("--runroot")
        .arg(folder.join("run"))
        .args(["--storage-driver=overlay", "system", "service", "--time=0"])
        .arg(format!("unix://{}", socket.display()));
    Daemon::start(&mut command, folder, socket)
}
