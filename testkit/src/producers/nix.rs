//! nix `dockerTools`: absolute paths in the layers, odd times, gzip around `build*` archives.

use serde_json::json;

use crate::compress::gzip;
use crate::image::{Image, Layer, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::{LongNames, Tar};

/// `streamLayeredImage` and `buildLayeredImage`.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let streamed = image("nix stream");
    let built = image("nix build");
    vec![
        Sample::new(
            "nix streamLayeredImage",
            archive(&streamed, "nix-stream:abc"),
            vec![Expected::new(&streamed, &["nix-stream:abc"])],
        ),
        Sample::new(
            "nix buildLayeredImage",
            gzip(&archive(&built, "nix-build:abc")),
            vec![Expected::new(&built, &["nix-build:abc"])],
        ),
    ]
}

fn image(seed: &str) -> Image {
    let deep = format!("/nix/store/{}/lib/{}", "0".repeat(52), "x".repeat(80));
    let layers = vec![
        Layer {
            tar: Tar::new()
                .stamped(0o444, 1)
                .file("/nix/store/a-hello/bin/hello", seed)
                .finish(),
        },
        Layer {
            tar: Tar::new()
                .long_names(LongNames::Pax)
                .stamped(0o444, 1)
                .file(&deep, seed)
                .finish(),
        },
    ];
    Image::with_layers(seed, layers).reconfigured(|config| {
        config["created"] = json!("1970-01-01T00:00:01+00:00");
        config["history"] = json!([
            {"created": "1970-01-01T00:00:01+00:00", "comment": "store paths: ['/nix/store/a-hello']"},
            {"created": "1970-01-01T00:00:01+00:00", "comment": "store paths: ['/nix/store/b']"},
        ]);
    })
}

fn archive(image: &Image, name: &str) -> Vec<u8> {
    let mut tar = Tar::new().stamped(0o644, 1);
    let mut paths = Vec::new();
    for layer in &image.layers {
        let path = format!("{}/layer.tar", layer.hex());
        tar = tar.pax_file(&path, &[("mtime", "1.5")], &layer.tar);
        paths.push(path);
    }
    let config = format!("{}.json", image.hex());
    let item = json!({"Config": config, "RepoTags": [name], "Layers": paths});
    tar.file(&config, &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .finish_in_records()
}
