//! Archives of vendors' own scripts: links that only make sense from the root, decoys, junk.

use serde_json::json;

use crate::image::{Image, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// Root links, members of every kind, repeated members, no end, junk behind the end, odd keys.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![
        root_links(),
        decoys(),
        repeated(),
        no_end(),
        junk(),
        any_case(),
    ]
}

/// `<id>/layer.tar` links to a name that exists at the root only; a link comes before its target.
fn root_links() -> Sample {
    let image = Image::sample("vendor links", 2);
    let config = format!("{}.json", image.hex());
    let item = json!({
        "Config": config, "RepoTags": ["vendor/links:1"], "Layers": ["a/layer.tar", "b/layer.tar"],
    });
    let tar = Tar::new()
        .symlink("a/layer.tar", "layers/0.tar")
        .symlink("b/layer.tar", "../next")
        .symlink("next", "layers/1.tar")
        .file("layers/0.tar", &image.layers[0].tar)
        .file("layers/1.tar", &image.layers[1].tar)
        .file(&config, &image.config)
        .file("manifest.json", bytes(&json!([item])));
    Sample::new(
        "vendor, links to the root",
        tar.finish(),
        vec![Expected::new(&image, &["vendor/links:1"])],
    )
}

/// Members that no manifest needs: dot files, devices, a FIFO, absolute and climbing names.
fn decoys() -> Sample {
    let image = Image::sample("vendor decoys", 1);
    let tar = Tar::new()
        .file("._manifest.json", "decoy")
        .file(".manifest.json", "[]")
        .file("sub/manifest.json", "[]")
        .special(b'3', "dev/null")
        .special(b'4', "dev/sda")
        .special(b'6', "run/fifo")
        .symlink("dangling", "nowhere")
        .symlink("out", "../../../etc/passwd")
        .file("/absolute/file", "x")
        .file("../../climbing", "x")
        .append(image.docker_archive(&["vendor/decoys:1"]));
    Sample::new(
        "vendor, decoys",
        tar.finish(),
        vec![Expected::new(&image, &["vendor/decoys:1"])],
    )
}

/// The last of repeated members counts.
fn repeated() -> Sample {
    let image = Image::sample("vendor repeated", 1);
    let first = Image::sample("vendor replaced", 1);
    let layer = format!("{}/layer.tar", image.layers[0].hex());
    let tar = Tar::new()
        .file("manifest.json", "[]")
        .file(&layer, &first.layers[0].tar)
        .file(&format!("{}.json", image.hex()), "{}")
        .append(image.docker_archive(&["vendor/repeated:1"]));
    Sample::new(
        "vendor, repeated members",
        tar.finish(),
        vec![Expected::new(&image, &["vendor/repeated:1"])],
    )
}

fn no_end() -> Sample {
    let image = Image::sample("vendor no end", 1);
    let bytes = image.docker_archive(&["vendor/no-end:1"]).without_end();
    Sample::new(
        "vendor, no end blocks",
        bytes,
        vec![Expected::new(&image, &["vendor/no-end:1"])],
    )
}

fn junk() -> Sample {
    let image = Image::sample("vendor junk", 1);
    let mut bytes = image.docker_archive(&["vendor/junk:1"]).finish();
    bytes.extend(b"junk".repeat(5_000));
    Sample::new(
        "vendor, junk behind the end",
        bytes,
        vec![Expected::new(&image, &["vendor/junk:1"])],
    )
}

/// Go reads keys in any case.
fn any_case() -> Sample {
    let image = Image::sample("vendor case", 1);
    let item = json!({"config": "c", "repotags": ["vendor/case:1"], "LAYERS": ["l"]});
    let tar = Tar::new()
        .file("c", &image.config)
        .file("l", &image.layers[0].tar)
        .file("manifest.json", bytes(&json!([item])));
    Sample::new(
        "vendor, keys in any case",
        tar.finish(),
        vec![Expected::new(&image, &["vendor/case:1"])],
    )
}
