//! BuildKit's exporters `type=docker` and `type=oci`.

use serde_json::{Value, json};

use crate::digest;
use crate::image::{Image, bytes};
use crate::layout::{Blob, CONFIG, Layout, MANIFEST, digest_of, index, with};
use crate::sample::{Expected, Sample};

/// `type=docker`, and `type=oci` with attestations.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![docker(), oci()]
}

/// OCI layout and `manifest.json` in one; two names are two descriptors.
fn docker() -> Sample {
    let image = Image::sample("buildkit docker", 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let content: Value = serde_json::from_slice(&layout.content(&digest_of(&manifest)))
        .expect("the manifest is JSON");
    let path =
        |descriptor: &Value| format!("blobs/sha256/{}", digest::digits(&digest_of(descriptor)));
    let layers: Vec<String> = content["layers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(path)
        .collect();
    let described = |name: &str, tag: &str| {
        let annotations = json!({
            "io.containerd.image.name": name,
            "org.opencontainers.image.created": "2024-05-06T07:08:09Z",
            "org.opencontainers.image.ref.name": tag,
        });
        with(manifest.clone(), "annotations", annotations)
    };
    let index = index(&[
        described("docker.io/library/built:1", "1"),
        described("example.com/built:two", "two"),
    ]);
    let item = json!({
        "Config": path(&content["config"]),
        "RepoTags": ["built:1", "example.com/built:two"],
        "Layers": layers,
    });
    let tar = layout
        .finish(&index)
        .file("manifest.json", bytes(&json!([item])));
    let images = vec![Expected::new(&image, &["built:1", "example.com/built:two"])];
    Sample::new("buildkit type=docker", tar.finish(), images)
}

/// An index in the index; besides the image an attestation, which cannot be run.
fn oci() -> Sample {
    let image = Image::sample("buildkit oci", 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let attestation = attestation(&mut layout, &digest_of(&manifest));
    let nested = layout.index(&[
        with(
            manifest,
            "platform",
            json!({"os": "linux", "architecture": "amd64"}),
        ),
        attestation,
    ]);
    let annotations = json!({
        "io.containerd.image.name": "docker.io/team/attested:1",
        "org.opencontainers.image.ref.name": "1",
    });
    let index = index(&[with(nested, "annotations", annotations)]);
    let images = vec![Expected::new(&image, &["team/attested:1"])];
    Sample::new("buildkit type=oci", layout.finish(&index).finish(), images)
}

fn attestation(layout: &mut Layout, subject: &str) -> Value {
    let statement = layout.blob(
        "application/vnd.in-toto+json",
        bytes(&json!({"_type": "https://in-toto.io/Statement/v0.1", "subject": subject})),
    );
    let config = json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(&statement)]},
    });
    let config = layout.blob(CONFIG, bytes(&config));
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [statement],
    });
    let manifest = layout.blob(MANIFEST, bytes(&manifest));
    let manifest = with(
        manifest,
        "annotations",
        json!({
            "vnd.docker.reference.digest": subject,
            "vnd.docker.reference.type": "attestation-manifest",
        }),
    );
    with(
        manifest,
        "platform",
        json!({"os": "unknown", "architecture": "unknown"}),
    )
}
