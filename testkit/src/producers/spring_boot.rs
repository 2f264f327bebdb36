//! Spring Boot's image builder: empty `blank_<n>` files for the layers of the base, and a
//! configuration with capitalised keys.

use serde_json::{Value, json};

use crate::image::{Image, bytes};
use crate::sample::Sample;
use crate::tar::Tar;

/// A builder image over a base of two layers.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let image = Image::sample("spring boot", 3);
    let config = capitalised(&image);
    let image = Image { config, ..image };
    let name = format!("{}.json", image.hex());
    let last = format!("{}.tar", image.layers[2].hex());
    let item = json!({
        "Config": name,
        "Layers": ["blank_0", "blank_1", last],
        "RepoTags": ["docker.io/library/builder:spring"],
    });
    let archive = Tar::new()
        .file("blank_0", [])
        .file("blank_1", [])
        .file(&last, &image.layers[2].tar)
        .file(&name, &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .finish();
    vec![Sample::without_base(
        "Spring Boot",
        archive,
        &image,
        &["builder:spring"],
        2,
    )]
}

fn capitalised(image: &Image) -> Vec<u8> {
    let config: Value = serde_json::from_slice(&image.config).expect("the config is JSON");
    bytes(&json!({
        "Config": config["config"],
        "Created": "1980-01-01T00:00:01Z",
        "History": [{}, {}, {}],
        "Os": "linux",
        "Architecture": "amd64",
        "Variant": "v2",
        "RootFS": {"diff_ids": image.diff_ids()},
    }))
}
