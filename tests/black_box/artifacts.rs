//! Artifacts besides images: they are skipped, and reported.

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::digest;
use sockerless_testkit::image::{Image, bytes};
use sockerless_testkit::layout::{Blob, CONFIG, Layout, MANIFEST, digest_of, index, named, with};
use sockerless_testkit::producers::{cosign, hauler};

use crate::SOCKERLESS;
use crate::outcome::{inspect, visible};

on_both_backends!(
    they_are_told,
    nothing_else,
    an_unknown_type_in_an_index,
    a_layer_that_is_a_document,
    what_only_looks_like_something_else,
);

const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

fn they_are_told(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for (sample, expected) in [
        (
            hauler::samples().remove(0),
            vec![
                "a Helm chart (application/vnd.cncf.helm.config.v1+json)",
                "a file of hauler (application/vnd.content.hauler.file.local.config.v1+json)",
                "a WASM module (application/vnd.wasm.config.v0+json)",
                "an SBOM (application/spdx+json)",
                "an artifact of type application/vnd.oci.artifact.manifest.v1+json",
                "an artifact of type application/x-unknown",
                "an artifact of type application/x-absent",
            ],
        ),
        (
            cosign::samples().remove(0),
            vec![
                "a cosign signature (application/vnd.dev.cosign.simplesigning.v1+json)",
                "an attestation (application/vnd.dsse.envelope.v1+json)",
            ],
        ),
    ] {
        let response = daemon.load(&sample.archive);
        assert_eq!(response.status, 200, "{}", response.text());
        let lines = response.lines();
        let told = lines.iter().filter_map(|line| line["status"].as_str());
        let told = told.filter_map(|text| text.strip_prefix("Skipped, not an image: sha256:"));
        let told: Vec<_> = told.filter_map(|text| text.split_once(", ")).collect();
        let words: Vec<_> = told.iter().map(|(_, words)| *words).collect();
        assert_eq!(words, expected, "{}", response.text());
    }
}

/// The error for an archive without images names what it has.
fn nothing_else(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut layout = Layout::new();
    let config = layout.blob(HELM, b"{}".to_vec());
    let chart = layout.blob(
        MANIFEST,
        bytes(&json!({"schemaVersion": 2, "config": config, "layers": []})),
    );
    let archive = layout.finish(&index(&[named(chart.clone(), "charts/one:1")]));
    let response = daemon.load(&archive.finish());
    assert_eq!(response.status, 500);
    assert_eq!(
        response.message(),
        format!(
            "the archive has no image to load: index.json lists only {}, a Helm chart ({HELM})",
            digest_of(&chart)
        )
    );
    let unknown = layout.blob("application/x", b"x".to_vec());
    let archive = layout.finish(&index(&[chart.clone(), unknown]));
    let message = daemon.load(&archive.finish()).message();
    assert!(
        message.ends_with(&format!(
            "none of the 2 entries of index.json is one; the first is {}, a Helm chart ({HELM})",
            digest_of(&chart)
        )),
        "{message}"
    );
    assert_eq!(visible(&daemon).1, 0);
}

/// The same with its bytes in the archive, and as a document.
fn an_unknown_type_in_an_index(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("beside the unknown", 1);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let document = layout.blob("application/x-document", b"{\"a\":1}".to_vec());
    let blob = layout.blob("application/x-blob", b"\0\x01".to_vec());
    let absent = Layout::new().blob("application/x-absent", b"?".to_vec());
    let nested = layout.index(&[document, blob.clone(), absent, manifest]);
    let archive = layout.finish(&index(&[named(nested, "beside/unknown:1")]));
    let response = daemon.load(&archive.finish());
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(
        inspect(&daemon, "beside/unknown:1").unwrap()["Id"],
        image.id()
    );
    if matches!(backend, Backend::Memory) {
        // Layers are not kept there.
        return;
    }
    // Entries of an index besides its images are saved with it.
    let saved = daemon.get("/images/beside/unknown:1/get");
    assert_eq!(saved.status, 200, "{}", saved.text());
    let saved = sockerless_testkit::tar::Tar::parse(&saved.body);
    let path = format!("blobs/sha256/{}", digest::digits(&digest_of(&blob)));
    assert_eq!(saved.content(&path), Some(&b"\0\x01"[..]));
}

/// The message must not name one digest as both expected and found.
fn a_layer_that_is_a_document(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut layout = Layout::new();
    let layer = layout.blob("", b"{\"signed\":true}".to_vec());
    let config = json!({"os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [digest_of(&layer)]}});
    let config = layout.blob(CONFIG, bytes(&config));
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]});
    let manifest = layout.blob(MANIFEST, bytes(&manifest));
    let response = daemon.load(&layout.finish(&index(&[manifest])).finish());
    assert_eq!(response.status, 500);
    assert_eq!(
        response.message(),
        format!(
            "invalid layer \"blobs/sha256/{}\": expected a tar, found a JSON document",
            digest::digits(&digest_of(&layer))
        )
    );
}

/// An image with a `subject`, an `artifactType` or an old config type is still an image.
fn what_only_looks_like_something_else(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("a subject", 1);
    let mut layout = Layout::new();
    let plain = layout.image(&image, Blob::Gzip);
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&layout.content(&digest_of(&plain))).expect("JSON");
    manifest["subject"] = plain;
    manifest["artifactType"] = json!("application/x-of-somebody");
    manifest["config"]["mediaType"] = json!("application/octet-stream");
    let manifest = layout.blob(MANIFEST, bytes(&manifest));
    let entry = with(manifest, "artifactType", json!("application/x-of-somebody"));
    let archive = layout.finish(&index(&[named(entry, "has/subject:1")]));
    let response = daemon.load(&archive.finish());
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(inspect(&daemon, "has/subject:1").unwrap()["Id"], image.id());
}
