use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tar::Builder;

use super::hashed::digits;
use super::image::Image;
use super::layer::{Layer, append};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// Writes an image as Docker 25 and newer save it: an OCI layout, here with gzip layers, that has a
/// `manifest.json` too, so that an older dockerd can load it.
pub(super) fn write(path: &Path, image: &Image, layers: &[Layer]) -> Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    let mut tar = Builder::new(BufWriter::new(file));
    for layer in layers {
        let name = blob(&layer.digest);
        append(&mut tar, &name, layer.size, File::open(&layer.path)?)?;
    }
    document(&mut tar, &blob(&image.id()), &image.config)?;

    let descriptors: Vec<Value> = layers
        .iter()
        .map(|layer| descriptor(LAYER, &layer.digest, layer.size))
        .collect();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, &image.id(), image.config.len() as u64),
        "layers": descriptors,
    });
    let manifest = manifest.to_string().into_bytes();
    let digest = digits(&manifest);
    document(&mut tar, &blob(&digest), &manifest)?;

    let mut entry = descriptor(MANIFEST, &digest, manifest.len() as u64);
    entry["annotations"] = json!({
        "io.containerd.image.name": image.name,
        "org.opencontainers.image.ref.name": image.name,
    });
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]});
    document(&mut tar, "index.json", index.to_string().as_bytes())?;
    document(&mut tar, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    let names: Vec<String> = layers.iter().map(|layer| blob(&layer.digest)).collect();
    let docker = json!([
        {"Config": blob(&image.id()), "RepoTags": [image.name], "Layers": names}
    ]);
    document(&mut tar, "manifest.json", docker.to_string().as_bytes())?;
    Ok(tar.into_inner()?.flush()?)
}

fn document(tar: &mut Builder<impl Write>, name: &str, bytes: &[u8]) -> Result<()> {
    append(tar, name, bytes.len() as u64, bytes)
}

fn blob(digits: &str) -> String {
    format!("blobs/sha256/{digits}")
}

fn descriptor(media_type: &str, digits: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": format!("sha256:{digits}"), "size": size})
}
