//! kaniko with `--compression zstd`: zstd layers under names that end in `.tar.gz`.

use serde_json::json;

use crate::compress::zstd;
use crate::digest;
use crate::image::{Image, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// One image.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let image = Image::sample("kaniko", 2);
    let mut tar = Tar::new().file(&image.id(), &image.config);
    let mut paths = Vec::new();
    for layer in &image.layers {
        let blob = zstd(&layer.tar);
        let path = format!("{}.tar.gz", digest::hex(&blob));
        tar = tar.file(&path, blob);
        paths.push(path);
    }
    let item = json!({"Config": image.id(), "RepoTags": ["registry.example.com/kaniko:z"], "Layers": paths});
    let tar = tar.file("manifest.json", bytes(&json!([item])));
    let images = vec![Expected::new(&image, &["registry.example.com/kaniko:z"])];
    vec![Sample::new(
        "kaniko --compression zstd",
        tar.finish(),
        images,
    )]
}
