//! Layers whose content does not match the configuration.

use super::Fault;
use super::members::manifest;
use crate::compress::Compression;
use crate::digest;
use crate::image::{Image, Layer};
use crate::tar::Tar;

pub(super) fn faults() -> Vec<Fault> {
    let layer = Layer::with_file("f", "expected\n");
    let other = Layer::with_file("f", "found\n");
    let image = Image::with_layers("layer faults", vec![layer.clone()]);
    let with = |content: &[u8]| archive(&image, content);
    let text = Layer {
        tar: b"this is no tar file, whatever its digest says\n".repeat(30),
    };
    let no_tar = Image::with_layers("no tar", vec![text.clone()]);
    let mut flipped = layer.tar.clone();
    flipped[512] ^= 1;
    let mut faults = vec![
        Fault::new(
            "another layer than the config says",
            with(&other.tar),
            &["the-layer", &layer.diff_id(), &other.diff_id()],
        ),
        Fault::new(
            "a layer with one bit flipped",
            with(&flipped),
            &["the-layer", &layer.diff_id(), &digest::of(&flipped)],
        ),
        Fault::new(
            "another layer, through gzip",
            with(&Compression::Gzip.compress(&other.tar)),
            &["the-layer", &layer.diff_id(), &other.diff_id()],
        ),
        Fault::new(
            "a layer that is no tar",
            archive(&no_tar, &text.tar),
            &["the-layer"],
        ),
        Fault::new(
            "a layer of zero bytes",
            with(b""),
            &["the-layer", &layer.hex()],
        ),
    ];
    for (compression, name) in [
        (Compression::Gzip, "a gzip layer cut short"),
        (Compression::Bzip2, "a bzip2 layer cut short"),
        (Compression::Xz, "an xz layer cut short"),
        (Compression::Zstd, "a zstd layer cut short"),
    ] {
        let blob = compression.compress(&layer.tar);
        faults.push(Fault::new(
            name,
            with(&blob[..blob.len() - 5]),
            &["the-layer"],
        ));
    }
    faults
}

fn archive(image: &Image, content: &[u8]) -> Vec<u8> {
    Tar::new()
        .file("config.json", &image.config)
        .file("the-layer", content)
        .file("manifest.json", manifest("config.json", &["the-layer"]))
        .finish()
}
