//! Members that cannot be read, or are not what a manifest expects.

use serde_json::{Value, json};

use super::Fault;
use crate::image::{Image, Layer, bytes};
use crate::tar::Tar;

pub(super) fn faults() -> Vec<Fault> {
    let (image, layer) = image();
    let layer = &layer;
    let with_layer =
        |name: &str, tar: Tar| tar.append(around(&image, "config.json", name)).finish();
    vec![
        Fault::new(
            "a header with a wrong checksum",
            Tar::new()
                .bad_checksum("broken", b"x")
                .append(image.docker_archive(&["malformed:checksum"]))
                .finish(),
            &["checksum"],
        ),
        Fault::new(
            "a layer that is a FIFO",
            with_layer("pipe", Tar::new().special(b'6', "pipe")),
            &["pipe"],
        ),
        Fault::new(
            "a layer that is a device",
            with_layer("disk", Tar::new().special(b'4', "disk")),
            &["disk"],
        ),
        Fault::new(
            "a layer that is a directory",
            with_layer("folder", Tar::new().directory("folder/")),
            &["folder"],
        ),
        Fault::new(
            "a layer that links out",
            with_layer(
                "l/layer.tar",
                Tar::new().symlink("l/layer.tar", "../../../etc/hostname"),
            ),
            &["l/layer.tar"],
        ),
        Fault::new(
            "a layer that is a dangling link",
            with_layer(
                "l/layer.tar",
                Tar::new().symlink("l/layer.tar", "../gone.tar"),
            ),
            &["l/layer.tar", "gone.tar"],
        ),
        Fault::new(
            "links in a circle",
            with_layer(
                "one",
                Tar::new().symlink("one", "two").symlink("two", "one"),
            ),
            &["one"],
        ),
        Fault::new(
            "a hard link to nothing",
            with_layer("hard", Tar::new().hardlink("hard", "etc/hostname")),
            &["hard"],
        ),
        Fault::new(
            "a layer in a folder that links out",
            with_layer("l/layer.tar", Tar::new().symlink("l", "../../etc")),
            &["l/layer.tar"],
        ),
        Fault::new(
            "a layer with holes in GNU's old form",
            with_layer(
                "holes",
                Tar::new().sparse("holes", 0, &layer.tar, layer.tar.len() as u64 + 512),
            ),
            &["\"holes\"", "old GNU sparse"],
        ),
        Fault::new(
            "a config that is a link out",
            Tar::new()
                .symlink("config", "/etc/hostname")
                .file("layer", &layer.tar)
                .file("manifest.json", manifest("config", &["layer"]))
                .finish(),
            &["\"config\""],
        ),
        Fault::new(
            "a config with a climbing name",
            Tar::new()
                .file("layer", &layer.tar)
                .file(
                    "manifest.json",
                    manifest("../../../etc/hostname", &["layer"]),
                )
                .finish(),
            &["../../../etc/hostname"],
        ),
        Fault::new(
            "a layer with a climbing name",
            Tar::new()
                .file("../layer", &layer.tar)
                .append(around(&image, "config.json", "../layer"))
                .finish(),
            &["../layer"],
        ),
    ]
}

fn image() -> (Image, Layer) {
    let layer = Layer::with_file("f", "members\n");
    (Image::with_layers("members", vec![layer.clone()]), layer)
}

/// The config under `config`, and a manifest that takes its one layer from `layer`.
fn around(image: &Image, config: &str, layer: &str) -> Tar {
    Tar::new()
        .file(config, &image.config)
        .file("manifest.json", manifest(config, &[layer]))
}

pub(super) fn manifest(config: &str, layers: &[&str]) -> Vec<u8> {
    item(&json!({"Config": config, "RepoTags": ["malformed:1"], "Layers": layers}))
}

fn item(item: &Value) -> Vec<u8> {
    bytes(&json!([item]))
}
