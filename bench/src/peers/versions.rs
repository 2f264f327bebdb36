use std::process::Command;

use anyhow::{Context as _, Result};

/// Each peer with the line in which it says its version.
pub(crate) fn versions() -> Result<Vec<(&'static str, String)>> {
    let commands = [
        ("dockerd", "/usr/sbin/dockerd"),
        ("podman", "podman"),
        ("skopeo", "skopeo"),
        ("docker-registry", "docker-registry"),
        ("zstd", "zstd"),
        ("xz", "xz"),
        ("openssl", "openssl"),
    ];
    let versions = commands.into_iter().map(|(name, program)| {
        let option = match name {
            "openssl" => "version",
            _ => "--version",
        };
        let output = Command::new(program).arg(option).output();
        let output = output.with_context(|| format!("{program}: scripts/install-bench-needs"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().unwrap_or_default();
        let line = line.trim_matches(['*', ' ']);
        Ok((name, line.to_owned()))
    });
    versions.collect()
}
