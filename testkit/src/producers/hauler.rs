//! `hauler store save`: images, charts and files in one layout.

use serde_json::{Value, json};

use crate::image::{Image, Layer, bytes};
use crate::layout::{Blob, Layout, MANIFEST, index, with};
use crate::sample::{Expected, Sample};

/// Two images, a Helm chart, a file, a WASM module, an artifact with a subject, and entries of
/// unknown types, one of which is not in the archive.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let (one, two) = (Image::sample("hauler 1", 1), Image::sample("hauler 2", 2));
    let mut layout = Layout::new();
    let first = layout.image(&one, Blob::Gzip);
    let second = layout.image(&two, Blob::Zstd);
    let chart = Layer::with_file("chart/Chart.yaml", "name: chart\n");
    let chart = artifact(
        &mut layout,
        "application/vnd.cncf.helm.config.v1+json",
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        Blob::Gzip.bytes(&chart.tar),
        json!({}),
    );
    let file = artifact(
        &mut layout,
        "application/vnd.content.hauler.file.local.config.v1+json",
        "application/vnd.content.hauler.file.layer.v1",
        b"#!/bin/sh\necho a file\n".to_vec(),
        json!({}),
    );
    let module = artifact(
        &mut layout,
        "application/vnd.wasm.config.v0+json",
        "application/wasm",
        b"\0asm\x01\0\0\0".to_vec(),
        json!({}),
    );
    let bill = artifact(
        &mut layout,
        "application/vnd.oci.empty.v1+json",
        "application/spdx+json",
        br#"{"spdxVersion":"SPDX-2.3"}"#.to_vec(),
        json!({"artifactType": "application/spdx+json", "subject": first}),
    );
    let old = layout.blob(
        "application/vnd.oci.artifact.manifest.v1+json",
        bytes(
            &json!({"mediaType": "application/vnd.oci.artifact.manifest.v1+json",
            "artifactType": "text/x", "blobs": []}),
        ),
    );
    let unknown = layout.blob("application/x-unknown", b"\0\x01\x02 not JSON".to_vec());
    let absent = Layout::new().blob("application/x-absent", b"not in the archive".to_vec());
    let entries = [
        entry(chart, "charts.example/chart:1"),
        entry(first, "docker.io/hauler/one:1"),
        entry(file, "files.example/file:1"),
        entry(module, "wasm.example/module:1"),
        bill,
        entry(second, "docker.io/hauler/two:1"),
        old,
        unknown,
        absent,
    ];
    let archive = layout.finish(&index(&entries)).finish();
    let images = vec![
        Expected::new(&one, &["hauler/one:1"]),
        Expected::new(&two, &["hauler/two:1"]),
    ];
    vec![Sample::new("hauler store save", archive, images)]
}

fn entry(descriptor: Value, name: &str) -> Value {
    let annotations = json!({
        "io.containerd.image.name": name,
        "kind": "dev.cosignproject.cosign/image",
        "org.opencontainers.image.ref.name": name,
    });
    with(descriptor, "annotations", annotations)
}

fn artifact(
    layout: &mut Layout,
    config_type: &str,
    layer_type: &str,
    content: Vec<u8>,
    more: Value,
) -> Value {
    let config = layout.blob(config_type, b"{}".to_vec());
    let layer = layout.blob(layer_type, content);
    let mut manifest =
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]});
    if let (Some(manifest), Some(more)) = (manifest.as_object_mut(), more.as_object()) {
        manifest.extend(more.clone());
    }
    layout.blob(MANIFEST, bytes(&manifest))
}
