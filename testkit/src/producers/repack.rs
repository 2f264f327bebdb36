//! Archives that were unpacked and packed again with `tar -C folder .`.

use serde_json::json;

use crate::image::{Image, Layer, bytes};
use crate::layout::{Blob, Layout, index, named};
use crate::sample::{Expected, Sample};
use crate::tar::{LongNames, PaxSparse, Tar};

/// A docker archive with `./` names and a hard link, an OCI layout with `./` names, and docker
/// archives with long paths in every form.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![
        docker(),
        oci(),
        long("long paths, GNU", LongNames::Gnu),
        long("long paths, PAX", LongNames::Pax),
        long("long paths, ustar", LongNames::Ustar),
        sparse(
            "bsdtar of files with holes, PAX sparse 1.0",
            PaxSparse::V1_0,
        ),
        sparse("GNU tar --sparse --format=pax, 0.1", PaxSparse::V0_1),
        sparse("GNU tar --sparse --format=pax, 0.0", PaxSparse::V0_0),
        linked_folder("a folder that is a link", "blobs/layer.tar"),
        linked_folder("a file that was stored through a link", "current/layer.tar"),
    ]
}

/// tar finds that two layers are one file and stores the second as a hard link.
fn docker() -> Sample {
    let same = Layer::with_file("same", "repack\n");
    let image = Image::with_layers("repack", vec![same.clone(), same]);
    let config = format!("{}.json", image.hex());
    let item = json!({
        "Config": config, "RepoTags": ["repack:docker"], "Layers": ["a/layer.tar", "b/layer.tar"],
    });
    let tar = Tar::new()
        .directory("./")
        .directory("./a/")
        .file("./a/layer.tar", &image.layers[0].tar)
        .directory("./b/")
        .hardlink("./b/layer.tar", "./a/layer.tar")
        .file("./manifest.json", bytes(&json!([item])))
        .file(&format!("./{config}"), &image.config);
    let images = vec![Expected::new(&image, &["repack:docker"])];
    Sample::new(
        "tar -C folder . of a docker archive",
        tar.finish_in_records(),
        images,
    )
}

fn oci() -> Sample {
    let image = Image::sample("repack oci", 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let index = index(&[named(manifest, "repack.example/oci:1")]);
    let mut tar = Tar::new()
        .directory("./")
        .directory("./blobs/")
        .directory("./blobs/sha256/");
    for (name, content) in layout.contents() {
        tar = tar.file(&format!("./{name}"), content);
    }
    let tar = tar
        .file("./index.json", bytes(&index))
        .file("./oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    let images = vec![Expected::new(&image, &["repack.example/oci:1"])];
    Sample::new(
        "tar -C folder . of an OCI layout",
        tar.finish_in_records(),
        images,
    )
}

fn long(producer: &'static str, form: LongNames) -> Sample {
    let image = Image::sample(producer, 1);
    let path = format!("{}/{}/layer.tar", "d".repeat(70), image.layers[0].hex());
    let config = format!("{}.json", image.hex());
    let item = json!({"Config": config, "RepoTags": [], "Layers": [path]});
    let tar = Tar::new()
        .long_names(form)
        .file(&path, &image.layers[0].tar)
        .file(&config, &image.config)
        .file("manifest.json", bytes(&json!([item])));
    Sample::new(producer, tar.finish(), vec![Expected::new(&image, &[])])
}

/// Layers end with blocks of zeros, which file systems keep as holes; and PAX records at the end
/// that belong to no file.
fn sparse(producer: &'static str, form: PaxSparse) -> Sample {
    let layer = Layer {
        tar: Tar::new().file("f", vec![0; 4096]).finish_in_records(),
    };
    let image = Image::with_layers(producer, vec![layer]);
    let item = json!({"Config": "config.json", "RepoTags": [], "Layers": ["layer.tar"]});
    let tar = Tar::new()
        .global_records(&[("comment", "packed again")])
        .pax_sparse("layer.tar", form, &image.layers[0].tar)
        .pax_sparse("config.json", form, &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .global_records(&[("comment", "the end")]);
    Sample::new(producer, tar.finish(), vec![Expected::new(&image, &[])])
}

/// The manifest names a layer through a link to its folder.
fn linked_folder(producer: &'static str, stored_as: &str) -> Sample {
    let image = Image::sample(producer, 1);
    let item = json!({"Config": "config.json", "RepoTags": [], "Layers": ["./current/layer.tar"]});
    let tar = Tar::new()
        .symlink("current", "blobs")
        .file(stored_as, &image.layers[0].tar)
        .file("config.json", &image.config)
        .file("manifest.json", bytes(&json!([item])));
    Sample::new(producer, tar.finish(), vec![Expected::new(&image, &[])])
}
