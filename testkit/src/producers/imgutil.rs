//! imgutil (pack, the buildpacks lifecycle): first without the layers of the base, then with all.

use serde_json::json;

use crate::image::{Image, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// The elided form and the full one, whose layers are called `/sha256:<diff_id>.tar`.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![elided(), full()]
}

fn archive(image: &Image, name: &str, elided: usize) -> Vec<u8> {
    let config = format!("{}.json", image.hex());
    let mut tar = Tar::new().file(&config, &image.config);
    let mut paths = Vec::new();
    for (n, layer) in image.layers.iter().enumerate() {
        if n < elided {
            paths.push(format!("blank_{n}"));
            tar = tar.file(&format!("blank_{n}"), []);
        } else {
            paths.push(format!("/{}.tar", layer.diff_id()));
            tar = tar.file(&format!("/{}.tar", layer.diff_id()), &layer.tar);
        }
    }
    let item = json!({"Config": config, "RepoTags": [name], "Layers": paths});
    tar.file("manifest.json", bytes(&json!([item]))).finish()
}

fn elided() -> Sample {
    let image = Image::sample("imgutil elided", 3);
    let name = "pack.local/builder/0123456789:latest";
    Sample::without_base(
        "imgutil, layers left out",
        archive(&image, name, 2),
        &image,
        &[name],
        2,
    )
}

fn full() -> Sample {
    let image = Image::sample("imgutil full", 2);
    let name = "pack.local/builder/full:latest";
    let images = vec![Expected::new(&image, &[name])];
    Sample::new("imgutil, all layers", archive(&image, name, 0), images)
}
