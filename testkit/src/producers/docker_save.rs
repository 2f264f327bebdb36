//! `docker save` from Docker 1.10 on.

use serde_json::{Map, Value, json};

use crate::digest;
use crate::image::{Image, Layer, bytes};
use crate::layout::{Blob, CONFIG, LAYER, Layout, MANIFEST, digest_of, index, with};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// Docker 10 to 24, Docker 25 and later with either store, and the fault of 25.0.0.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![
        until_24(),
        hybrid("docker save, 25 and later", "save:25", true),
        hybrid(
            "docker save 25.0.0, empty layers in the OCI manifest",
            "save:25.0.0",
            false,
        ),
        partial_index(),
    ]
}

/// `<v1id>/layer.tar`; a repeated layer is a symbolic link to the first.
fn until_24() -> Sample {
    let same = Layer::with_file("same", "docker 24\n");
    let other = Layer::with_file("other", "docker 24\n");
    let image = Image::with_layers("docker 24", vec![same.clone(), other, same]);
    let mut tar = Tar::new();
    let mut paths: Vec<String> = Vec::new();
    for (n, layer) in image.layers.iter().enumerate() {
        let id = digest::hex(format!("docker 24, {n}").as_bytes());
        let path = format!("{id}/layer.tar");
        tar = tar
            .directory(&format!("{id}/"))
            .file(&format!("{id}/VERSION"), "1.0")
            .file(&format!("{id}/json"), format!(r#"{{"id":"{id}"}}"#));
        tar = match image.layers[..n]
            .iter()
            .position(|earlier| earlier == layer)
        {
            Some(first) => tar.symlink(&path, &format!("../{}", paths[first])),
            None => tar.file(&path, &layer.tar),
        };
        paths.push(path);
    }
    let config = format!("{}.json", image.hex());
    let parent = digest::of(b"a parent that is not here");
    let item = json!({
        "Config": config, "RepoTags": ["save:24"], "Layers": paths, "Parent": parent,
    });
    let top = paths[2].trim_end_matches("/layer.tar");
    let tar = tar
        .file(&config, &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .file("repositories", bytes(&json!({"save": {"24": top}})));
    let images = vec![Expected::new(&image, &["save:24"])];
    Sample::new("docker save, 1.10 to 24", tar.finish_in_records(), images)
}

/// OCI layout, `manifest.json` with `LayerSources`, `repositories` and legacy JSON among the blobs.
fn hybrid(producer: &'static str, name: &str, with_layers: bool) -> Sample {
    let image = Image::sample(producer, 2);
    let mut layout = Layout::new();
    let mut layers = Vec::new();
    let mut sources = Map::new();
    for layer in &image.layers {
        let blob = layout.blob(LAYER, layer.tar.clone());
        let id = digest::hex(format!("{producer} {}", layer.hex()).as_bytes());
        layout.blob("", format!(r#"{{"id":"{id}"}}"#).into_bytes());
        sources.insert(layer.diff_id(), blob.clone());
        layers.push(blob);
    }
    let config = layout.blob(CONFIG, image.config.clone());
    let listed = if with_layers {
        layers.clone()
    } else {
        Vec::new()
    };
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": listed,
    });
    let manifest = layout.blob(MANIFEST, bytes(&manifest));
    let (repository, tag) = name.split_once(':').expect("a name with a tag");
    let annotations = json!({
        "io.containerd.image.name": format!("docker.io/library/{name}"),
        "org.opencontainers.image.ref.name": tag,
    });
    let path = |blob: &Value| format!("blobs/sha256/{}", digest::digits(&digest_of(blob)));
    let item = json!({
        "Config": path(&config),
        "RepoTags": [name],
        "Layers": layers.iter().map(path).collect::<Vec<_>>(),
        "LayerSources": sources,
    });
    let top = image.layers[1].hex();
    let tar = layout
        .finish(&index(&[with(manifest, "annotations", annotations)]))
        .file("manifest.json", bytes(&json!([item])))
        .file("repositories", bytes(&json!({repository: {tag: top}})));
    Sample::new(producer, tar.finish(), vec![Expected::new(&image, &[name])])
}

/// The containerd store saves an index with platforms that it does not have.
fn partial_index() -> Sample {
    let here = Image::sample("docker save c8d", 2);
    let elsewhere = Image::sample("docker save c8d arm64", 1);
    let mut layout = Layout::new();
    let manifest = layout.image(&here, Blob::Gzip);
    let missing = Layout::new().image(&elsewhere, Blob::Gzip);
    let nested = layout.index(&[
        with(
            missing,
            "platform",
            json!({"os": "linux", "architecture": "arm64", "variant": "v8"}),
        ),
        with(
            manifest,
            "platform",
            json!({"os": "linux", "architecture": "amd64"}),
        ),
    ]);
    let annotations = json!({
        "io.containerd.image.name": "docker.io/library/save:c8d",
        "org.opencontainers.image.ref.name": "c8d",
    });
    let index = index(&[with(nested, "annotations", annotations)]);
    let images = vec![Expected::new(&here, &["save:c8d"])];
    Sample::new(
        "docker save, containerd store, partial index",
        layout.finish(&index).finish(),
        images,
    )
}
