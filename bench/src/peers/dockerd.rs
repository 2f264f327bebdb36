use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{Daemon, alone};

/// overlay2 is its default on most machines.
const OPTIONS: [&str; 4] = [
    "--storage-driver=overlay2",
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
];

pub(super) fn start(folder: &Path) -> Result<Daemon> {
    let socket = folder.join("docker.sock");
    // Instead of the machine's own configuration.
    let config = folder.join("daemon.json");
    let key = folder.join("key.json");
    fs::write(
        &config,
        serde_json::json!({"deprecated-key-path": key}).to_string(),
    )?;
    let mut command = alone::daemon("/usr/sbin/dockerd", folder)?;
    command
        .arg("--config-file")
        .arg(config)
        .arg("--data-root")
        .arg(folder.join("data"))
        .arg("--exec-root")
        .arg(folder.join("exec"))
        .arg("--pidfile")
        .arg(folder.join("pid"))
        .arg("--host")
        .arg(format!("unix://{}", socket.display()))
        .args(OPTIONS);
    Daemon::start(&mut command, folder, socket)
}
