//! go-containerregistry: `crane pull`, ko, apko, minikube.

use serde_json::json;

use crate::compress::gzip;
use crate::digest;
use crate::image::{Image, Layer, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// The default form, one of a repeated layer, one without names, several images, and `--format=legacy`.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![
        default(),
        repeated(),
        untagged(),
        appended_index(),
        legacy(),
    ]
}

/// `sha256:<hex>` configs and `<blob digest>.tar.gz` layers, each stored once; the manifest last.
fn archive(images: &[(&Image, Option<&[&str]>)]) -> Tar {
    let (mut tar, mut items, mut stored) = (Tar::new(), Vec::new(), Vec::new());
    for (image, names) in images {
        tar = tar.file(&image.id(), &image.config);
        let mut paths = Vec::new();
        for layer in &image.layers {
            let blob = gzip(&layer.tar);
            let path = format!("{}.tar.gz", digest::hex(&blob));
            if !stored.contains(&path) {
                tar = tar.file(&path, blob);
                stored.push(path.clone());
            }
            paths.push(path);
        }
        items.push(json!({"Config": image.id(), "RepoTags": names, "Layers": paths}));
    }
    tar.file("manifest.json", bytes(&json!(items)))
}

fn default() -> Sample {
    let image = Image::sample("crane", 2);
    // Full names, as crane writes them for the Hub.
    let names = [
        "index.docker.io/library/crane:1",
        "index.docker.io/team/crane:1",
    ];
    let images = vec![Expected::new(&image, &["crane:1", "team/crane:1"])];
    Sample::new(
        "crane pull",
        archive(&[(&image, Some(&names))]).finish(),
        images,
    )
}

fn repeated() -> Sample {
    let empty = Layer::with_file("same", "same\n");
    let other = Layer::with_file("other", "crane repeated\n");
    let image = Image::with_layers("crane repeated", vec![empty.clone(), other, empty]);
    let archive = archive(&[(&image, Some(&["example.com/ko/app:latest"]))]).finish();
    let images = vec![Expected::new(&image, &["example.com/ko/app:latest"])];
    Sample::new("ko, a layer listed twice and stored once", archive, images)
}

fn untagged() -> Sample {
    let image = Image::sample("crane untagged", 1);
    let images = vec![Expected::new(&image, &[])];
    Sample::new(
        "crane pull of a digest, RepoTags null",
        archive(&[(&image, None)]).finish(),
        images,
    )
}

/// apko finds the end of the tar and writes one more member over it.
fn appended_index() -> Sample {
    let (amd, arm) = (
        Image::sample("apko amd64", 1),
        Image::sample("apko arm64", 1),
    );
    let arm = arm.reconfigured(|config| config["architecture"] = json!("arm64"));
    let archive = archive(&[
        (&amd, Some(&["apko.example/app:1-amd64"])),
        (&arm, Some(&["apko.example/app:1-arm64"])),
    ])
    .file(
        "index.json",
        bytes(&json!({"schemaVersion": 2, "manifests": []})),
    );
    let images = vec![
        Expected::new(&amd, &["apko.example/app:1-amd64"]),
        Expected::new(&arm, &["apko.example/app:1-arm64"]),
    ];
    Sample::new(
        "apko, a tag for each architecture",
        archive.finish(),
        images,
    )
}

fn legacy() -> Sample {
    let image = Image::sample("crane legacy", 2);
    let mut tar = Tar::new();
    let mut paths = Vec::new();
    for layer in &image.layers {
        let id = digest::hex(format!("v1 of {}", layer.hex()).as_bytes());
        tar = tar
            .file(&format!("{id}/layer.tar"), &layer.tar)
            .file(&format!("{id}/json"), format!(r#"{{"id":"{id}"}}"#))
            .file(&format!("{id}/VERSION"), "1.0");
        paths.push(format!("{id}/layer.tar"));
    }
    let config = format!("{}.json", image.hex());
    let top = paths[1].trim_end_matches("/layer.tar");
    let tar = tar
        .file(&config, &image.config)
        .file(
            "manifest.json",
            bytes(&json!([{"Config": config, "RepoTags": ["gcr.io/crane/legacy:2"], "Layers": paths}])),
        )
        .file("repositories", bytes(&json!({"gcr.io/crane/legacy": {"2": top}})));
    let images = vec![Expected::new(&image, &["gcr.io/crane/legacy:2"])];
    Sample::new("crane pull --format=legacy", tar.finish(), images)
}
