use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;
use tar::Builder;

use super::image::Image;
use super::layer::append;

/// Writes an image as `docker save` does: its layers unchanged, then config and manifest.
pub(super) fn write(path: &Path, image: &Image) -> Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    let mut tar = Builder::new(BufWriter::new(file));
    let mut names = Vec::new();
    for layer in &image.layers {
        let name = format!("{}/layer.tar", layer.diff_id);
        append(&mut tar, &name, layer.size, File::open(&layer.path)?)?;
        names.push(name);
    }
    let config = format!("{}.json", image.id());
    append(&mut tar, &config, image.config.len() as u64, &*image.config)?;
    let manifest = json!([{"Config": config, "RepoTags": [image.name], "Layers": names}]);
    let manifest = manifest.to_string();
    append(
        &mut tar,
        "manifest.json",
        manifest.len() as u64,
        manifest.as_bytes(),
    )?;
    Ok(tar.into_inner()?.flush()?)
}
