//! Broken OCI layouts.

use serde_json::{Value, json};

use super::Fault;
use crate::digest;
use crate::image::{Image, bytes};
use crate::layout::{Blob, INDEX, Layout, MANIFEST, descriptor, digest_of, index, named, with};
use crate::tar::Tar;

pub(super) fn faults() -> Vec<Fault> {
    [blobs(), documents(), descriptors()].concat()
}

struct Parts {
    layout: Layout,
    manifest: Value,
    config: String,
    layer: String,
}

impl Parts {
    fn new() -> Self {
        let image = Image::sample("oci faults", 1);
        let mut layout = Layout::new();
        let manifest = layout.image(&image, Blob::Gzip);
        let layer = digest::of(&Blob::Gzip.bytes(&image.layers[0].tar));
        Self {
            layout,
            manifest,
            config: image.id(),
            layer,
        }
    }

    fn archive(&self) -> Vec<u8> {
        self.layout
            .finish(&index(&[named(self.manifest.clone(), "malformed/oci:1")]))
            .finish()
    }

    fn without(mut self, digest: &str) -> Vec<u8> {
        self.layout.remove(digest);
        self.archive()
    }

    fn with(mut self, digest: &str, content: Vec<u8>) -> Vec<u8> {
        self.layout.replace(digest, content);
        self.archive()
    }
}

/// Blobs that are missing or do not match their name.
fn blobs() -> Vec<Fault> {
    let parts = Parts::new;
    let manifest = digest_of(&parts().manifest);
    let (config, layer) = (parts().config, parts().layer);
    let tampered = |digest: &str| {
        let mut content = parts().layout.content(digest);
        let at = content.len() / 2;
        content[at] ^= 1;
        content
    };
    let found = |digest: &str| digest::of(&tampered(digest));
    let fault = |name, digest: &str| {
        Fault::new(
            name,
            parts().with(digest, tampered(digest)),
            &[digest::digits(digest), digest::digits(&found(digest))],
        )
    };
    vec![
        Fault::new(
            "an OCI layer missing",
            parts().without(&layer),
            &[digest::digits(&layer)],
        ),
        Fault::new(
            "an OCI config missing",
            parts().without(&config),
            &[digest::digits(&config)],
        ),
        Fault::new(
            "an OCI manifest missing",
            parts().without(&manifest),
            &[digest::digits(&manifest)],
        ),
        fault("an OCI layer tampered with", &layer),
        fault("an OCI config tampered with", &config),
        fault("an OCI manifest tampered with", &manifest),
    ]
}

/// The documents at the root.
fn documents() -> Vec<Fault> {
    let parts = Parts::new();
    let root = |index: &[u8], layout: &str| {
        parts
            .layout
            .blobs()
            .file("index.json", index)
            .file("oci-layout", layout)
            .finish()
    };
    let good = bytes(&index(std::slice::from_ref(&parts.manifest)));
    let version = r#"{"imageLayoutVersion":"1.0.0"}"#;
    let only_layout = parts.layout.blobs().file("oci-layout", version);
    vec![
        Fault::new("no index.json", only_layout.finish(), &["index.json"]),
        Fault::new(
            "an index that is no JSON",
            root(b"zzz", version),
            &["index.json"],
        ),
        Fault::new(
            "an empty index",
            root(&bytes(&index(&[])), version),
            &["index.json"],
        ),
        Fault::new(
            "an unknown layout version",
            root(&good, r#"{"imageLayoutVersion":"9.9"}"#),
            &["oci-layout", "9.9"],
        ),
        Fault::new(
            "a layout file that is no JSON",
            root(&good, "zzz"),
            &["oci-layout"],
        ),
    ]
}

/// Descriptors that do not match their blobs.
fn descriptors() -> Vec<Fault> {
    let image = Image::sample("oci descriptors", 2);
    let single = |manifest: &Value, layout: &Layout| {
        layout
            .finish(&index(std::slice::from_ref(manifest)))
            .finish()
    };
    let parts = Parts::new();
    let size = parts.manifest["size"].as_u64().unwrap_or_default();
    let wrong_size = with(parts.manifest.clone(), "size", json!(size + 1));
    let short = with(parts.manifest.clone(), "digest", json!("sha256:abc"));

    let mut uneven = Layout::new();
    let whole = uneven.image(&image, Blob::Plain);
    let content = uneven.content(&digest_of(&whole));
    let mut manifest: Value = serde_json::from_slice(&content).expect("the manifest is JSON");
    manifest["layers"].as_array_mut().and_then(Vec::pop);
    let uneven_manifest = uneven.blob(MANIFEST, bytes(&manifest));

    let mut swapped = Layout::new();
    let mut manifest: Value = serde_json::from_slice(&content).expect("the manifest is JSON");
    swapped.image(&image, Blob::Plain);
    manifest["layers"]
        .as_array_mut()
        .map(|layers| layers.reverse())
        .expect("layers");
    let swapped_manifest = swapped.blob(MANIFEST, bytes(&manifest));

    let circle = Layout::new();
    let nobody = descriptor(INDEX, b"an index that is not there");
    vec![
        Fault::new(
            "a descriptor with a wrong size",
            single(&wrong_size, &parts.layout),
            &[&size.to_string(), &(size + 1).to_string()],
        ),
        Fault::new(
            "a descriptor with no digest",
            single(&short, &parts.layout),
            &["sha256:abc"],
        ),
        Fault::new(
            "a manifest with a layer too few",
            single(&uneven_manifest, &uneven),
            &["1", "2"],
        ),
        Fault::new(
            "layers in another order than the config's",
            single(&swapped_manifest, &swapped),
            &[&image.layers[0].hex(), &image.layers[1].hex()],
        ),
        Fault::new(
            "a nested index that is missing",
            single(&nobody, &circle),
            &[digest::digits(&digest_of(&nobody))],
        ),
        Fault::new(
            "a layout and nothing else",
            Tar::new().file("oci-layout", "{}").finish(),
            &["oci-layout"],
        ),
    ]
}
