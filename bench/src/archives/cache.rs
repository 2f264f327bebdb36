use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::expected::Expected;

/// The file that is written last, when the folder is complete.
const EXPECTED: &str = "expected.json";

/// To be changed when archives are made differently.
const RECIPE: u32 = 1;

/// The folder `name` with its archives; filled by `fill` when it does not exist. It appears
/// complete or not at all.
pub(super) fn folder(
    root: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> Result<Expected>,
) -> Result<(PathBuf, Expected)> {
    let folder = root.join(format!("{name}-{RECIPE}"));
    if !folder.join(EXPECTED).is_file() {
        let partial = root.join(format!("{name}-{RECIPE}.partial"));
        if partial.exists() {
            fs::remove_dir_all(&partial).with_context(|| partial.display().to_string())?;
        }
        fs::create_dir_all(&partial).with_context(|| partial.display().to_string())?;
        let expected = fill(&partial)?;
        fs::write(partial.join(EXPECTED), expected.to_json().to_string())?;
        fs::rename(&partial, &folder).with_context(|| folder.display().to_string())?;
    }
    let text = fs::read(folder.join(EXPECTED))?;
    let value: Value = serde_json::from_slice(&text)?;
    let expected = Expected::from_json(&value)
        .with_context(|| format!("{}: remove it and try again", folder.display()))?;
    Ok((folder, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_a_failure_leaves_none() {
        let root = tempfile::tempdir().unwrap();
        let expected = Expected {
            name: "n".to_owned(),
            id: "sha256:1".to_owned(),
            diff_ids: Vec::new(),
        };
        let failed = folder(root.path(), "a", |_| anyhow::bail!("no"));
        assert!(failed.is_err());
        let made = folder(root.path(), "a", |folder| {
            fs::write(folder.join("it"), "x")?;
            Ok(expected.clone())
        });
        let (path, read) = made.unwrap();
        assert_eq!((path.join("it").is_file(), &read), (true, &expected));
        let again = folder(root.path(), "a", |_| anyhow::bail!("made twice"));
        assert_eq!(again.unwrap(), (path, expected));
    }
}
