use std::process::Command;

use anyhow::{Context as _, Result};

use super::postgres;

/// Each of these with the line of its version.
pub(crate) fn versions(programs: &[&'static str]) -> Result<Vec<(&'static str, String)>> {
    let versions = programs.iter().map(|&name| {
        let program = match name {
            "dockerd" => "/usr/sbin/dockerd".into(),
            "postgres" => postgres::program(name),
            other => other.into(),
        };
        let option = match name {
            "openssl" => "version",
            _ => "--version",
        };
        let output = Command::new(&program).arg(option).output();
        let output = output.with_context(|| format!("{name} is not installed"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().unwrap_or_default();
        let line = line.trim_matches(['*', ' ']);
        Ok((name, line.to_owned()))
    });
    versions.collect()
}
