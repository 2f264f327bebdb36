use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::alone;
use crate::measure::{self, Sample};

/// A command, with caches of its own in a folder.
#[derive(Debug)]
pub(crate) struct Skopeo {
    folder: PathBuf,
}

impl Skopeo {
    /// Its name in tables.
    pub(crate) const NAME: &'static str = "skopeo";

    /// One without caches from elsewhere.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.join("skopeo"),
        }
    }

    /// Copies an image.
    pub(crate) fn copy(&self, from: &str, to: &str) -> Result<Sample> {
        let mut command = self.command()?;
        command.args([
            "copy",
            "--quiet",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            from,
            to,
        ]);
        measure::run(&mut command)
    }

    /// Copies an image out of a registry, which verifies every digest, and returns the digest of
    /// its config.
    pub(crate) fn pull(&self, reference: &str) -> Result<String> {
        let target = self.folder.join("pulled");
        self.copy(
            &format!("docker://{reference}"),
            &format!("dir:{}", target.display()),
        )?;
        let manifest = fs::read(target.join("manifest.json"))?;
        let manifest: Value = serde_json::from_slice(&manifest)?;
        fs::remove_dir_all(target)?;
        let config = manifest.pointer("/config/digest").and_then(Value::as_str);
        let config = config.with_context(|| format!("no config in {manifest}"))?;
        Ok(config.to_owned())
    }

    fn command(&self) -> Result<Command> {
        let mut command = alone::command("skopeo", &self.folder)?;
        command.arg("--insecure-policy");
        Ok(command)
    }
}
