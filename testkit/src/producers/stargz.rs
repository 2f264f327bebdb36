//! eStargz and zstd:chunked layers: gzip of many members, zstd with skippable frames.

use serde_json::json;

use crate::compress::{Compression, gzip, in_parts, zstd_skippable};
use crate::digest;
use crate::image::{Image, bytes};
use crate::layout::{CONFIG, LAYER, Layout, MANIFEST, index, named};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// An OCI layout and a docker archive with one layer of each form.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let oci = Image::sample("stargz oci", 2);
    let docker = Image::sample("stargz docker", 2);
    vec![
        Sample::new(
            "eStargz and zstd:chunked in an OCI layout",
            layout(&oci),
            vec![Expected::new(&oci, &["stargz.example/oci:1"])],
        ),
        Sample::new(
            "eStargz and zstd:chunked in a docker archive",
            archive(&docker),
            vec![Expected::new(&docker, &["stargz.example/docker:1"])],
        ),
    ]
}

/// A member for each piece and an empty one at the end, as the footer of eStargz is.
fn members(tar: &[u8]) -> Vec<u8> {
    let mut blob = in_parts(Compression::Gzip, tar, 7);
    blob.extend(gzip(&[]));
    blob
}

fn chunks(tar: &[u8]) -> Vec<u8> {
    let mut blob = in_parts(Compression::Zstd, tar, 3);
    blob.extend(zstd_skippable(b"table of contents"));
    blob
}

fn layout(image: &Image) -> Vec<u8> {
    let mut layout = Layout::new();
    let layers = [
        layout.blob(&format!("{LAYER}+gzip"), members(&image.layers[0].tar)),
        layout.blob(&format!("{LAYER}+zstd"), chunks(&image.layers[1].tar)),
    ];
    let config = layout.blob(CONFIG, image.config.clone());
    let manifest =
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
    let manifest = layout.blob(MANIFEST, bytes(&manifest));
    layout
        .finish(&index(&[named(manifest, "stargz.example/oci:1")]))
        .finish()
}

fn archive(image: &Image) -> Vec<u8> {
    let blobs = [members(&image.layers[0].tar), chunks(&image.layers[1].tar)];
    let paths: Vec<String> = blobs
        .iter()
        .map(|blob| format!("{}.tar.gz", digest::hex(blob)))
        .collect();
    let item = json!({
        "Config": image.id(), "RepoTags": ["stargz.example/docker:1"], "Layers": paths,
    });
    Tar::new()
        .file(&paths[0], &blobs[0])
        .file(&paths[1], &blobs[1])
        .file(&image.id(), &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .finish()
}
