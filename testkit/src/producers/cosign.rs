//! `cosign save`: a layout of an image with its signatures and attestations.

use serde_json::{Value, json};

use crate::image::{Image, bytes};
use crate::layout::{Blob, CONFIG, Layout, MANIFEST, digest_of, index, with};
use crate::sample::{Expected, Sample};

/// An image with a signature and an attestation, and an index with a signature.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![image(), multi_platform()]
}

fn image() -> Sample {
    let image = Image::sample("cosign", 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let signature = signature(&mut layout, &manifest);
    let attestation = attestation(&mut layout, &manifest);
    let name = "ghcr.io/cosign/app:1";
    let entries = [
        entry(manifest, "image", name),
        entry(signature, "sigs", name),
        entry(attestation, "atts", name),
    ];
    let archive = layout.finish(&index(&entries)).finish();
    let images = vec![Expected::new(&image, &[name])];
    Sample::new("cosign save", archive, images)
}

fn multi_platform() -> Sample {
    let amd = Image::sample("cosign amd64", 1);
    let arm = Image::sample("cosign arm64", 1)
        .reconfigured(|config| config["architecture"] = json!("arm64"));
    let mut layout = Layout::new();
    let platforms = [(&arm, "arm64"), (&amd, "amd64")].map(|(image, architecture)| {
        let manifest = layout.image(image, Blob::Gzip);
        let platform = json!({"os": "linux", "architecture": architecture});
        with(manifest, "platform", platform)
    });
    let nested = layout.index(&platforms);
    let signature = signature(&mut layout, &nested);
    let name = "ghcr.io/cosign/multi:1";
    let entries = [
        entry(nested, "imageIndex", name),
        entry(signature, "sigs", name),
    ];
    let archive = layout.finish(&index(&entries)).finish();
    let images = vec![Expected::new(&amd, &[name])];
    Sample::new("cosign save of an index", archive, images)
}

/// An entry of the layout's index, which cosign marks with an annotation.
fn entry(descriptor: Value, kind: &str, name: &str) -> Value {
    let annotations = json!({
        "kind": format!("dev.cosignproject.cosign/{kind}"),
        "org.opencontainers.image.ref.name": name,
    });
    with(descriptor, "annotations", annotations)
}

/// A signature has the config of an image, and a layer of its own type.
fn signature(layout: &mut Layout, signed: &Value) -> Value {
    let payload = json!({"critical": {
        "identity": {"docker-reference": "ghcr.io/cosign/app"},
        "image": {"docker-manifest-digest": digest_of(signed)},
        "type": "cosign container image signature",
    }});
    attached(
        layout,
        "application/vnd.dev.cosign.simplesigning.v1+json",
        &payload,
    )
}

fn attestation(layout: &mut Layout, about: &Value) -> Value {
    let envelope = json!({"payloadType": "application/vnd.in-toto+json",
        "payload": digest_of(about), "signatures": []});
    attached(layout, "application/vnd.dsse.envelope.v1+json", &envelope)
}

fn attached(layout: &mut Layout, media_type: &str, content: &Value) -> Value {
    let layer = layout.blob(media_type, bytes(content));
    let config = json!({"architecture": "", "os": "", "config": {},
        "created": "0001-01-01T00:00:00Z", "history": [{"created": "0001-01-01T00:00:00Z"}],
        "rootfs": {"type": "layers", "diff_ids": [digest_of(&layer)]}});
    let config = layout.blob(CONFIG, bytes(&config));
    let manifest =
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]});
    layout.blob(MANIFEST, bytes(&manifest))
}
