//! Images that scenarios load. Each has another second of creation, so that lists have an order.

use serde_json::json;
use sockerless_testkit::image::{Image, Layer, bytes};
use sockerless_testkit::tar::Tar;

/// An image made `age` seconds before 2024-05-06 07:08:09.
pub(crate) fn image(seed: &str, layers: usize, age: u32) -> Image {
    aged(Image::sample(seed, layers), age)
}

/// The same with existing layers.
pub(crate) fn image_of(seed: &str, layers: Vec<Layer>, age: u32) -> Image {
    aged(Image::with_layers(seed, layers), age)
}

fn aged(image: Image, age: u32) -> Image {
    let created = format!("2024-05-06T07:{:02}:{:02}Z", 7 - age / 60, 59 - age % 60);
    image.reconfigured(|config| config["created"] = json!(created))
}

/// An image and its child: one layer more, and `Parent` in the archive.
pub(crate) fn family() -> (Image, Image, Vec<u8>) {
    let parent = image("parent", 1, 9);
    let mut layers = parent.layers.clone();
    layers.push(Layer::with_file("etc/child", "child\n"));
    let child = image_of("child", layers, 3);
    let item = |image: &Image, name: &str, parent: Option<String>| {
        let layers: Vec<String> = image
            .layers
            .iter()
            .map(|layer| format!("{}/layer.tar", layer.hex()))
            .collect();
        let mut item = json!({
            "Config": format!("{}.json", image.hex()), "RepoTags": [name], "Layers": layers,
        });
        if let Some(parent) = parent {
            item["Parent"] = json!(parent);
        }
        item
    };
    let manifest = json!([
        item(&parent, "family/parent:1", None),
        item(&child, "family/child:1", Some(parent.id())),
    ]);
    let files = [&parent, &child]
        .into_iter()
        .fold(Tar::new(), |tar, image| {
            tar.file(&format!("{}.json", image.hex()), &image.config)
        });
    let files = child.layers.iter().fold(files, |tar, layer| {
        tar.file(&format!("{}/layer.tar", layer.hex()), &layer.tar)
    });
    let archive = files.file("manifest.json", bytes(&manifest)).finish();
    (parent, child, archive)
}
