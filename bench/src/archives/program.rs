use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// Runs a program whose output is the file `to`.
pub(super) fn write(program: &str, options: &[&str], from: &Path, to: &Path) -> Result<()> {
    let file = File::create(to).with_context(|| to.display().to_string())?;
    let status = Command::new(program)
        .args(options)
        .arg(from)
        .stdin(Stdio::null())
        .stdout(file)
        .status()
        .with_context(|| program.to_owned())?;
    ensure!(status.success(), "{program} {options:?}: {status}");
    Ok(())
}
