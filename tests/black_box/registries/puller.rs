//! Other tools that pull staged images.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sockerless_testkit::compress::{ungzip, unzstd};
use sockerless_testkit::digest;
use sockerless_testkit::podman as storage;
use sockerless_testkit::tool::SKOPEO;

use crate::outcome::strings;

/// The content of a pulled image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pulled {
    /// Digest of the configuration.
    pub(super) id: String,
    /// Digests of the layers without their compression.
    pub(super) diff_ids: Vec<String>,
}

/// Copies an image into a folder with skopeo, and verifies every byte of it.
pub(super) fn skopeo(reference: &str) -> Pulled {
    copied(reference, &[])
}

/// The same with a password.
pub(super) fn skopeo_as(user: &str, password: &str, reference: &str) -> Pulled {
    copied(reference, &["--src-creds", &format!("{user}:{password}")])
}

fn copied(reference: &str, options: &[&str]) -> Pulled {
    let folder = tempfile::tempdir().unwrap();
    let from = format!("docker://{reference}");
    let to = format!("dir:{}", folder.path().display());
    let copy = [
        "--insecure-policy",
        "copy",
        "--quiet",
        "--src-tls-verify=false",
    ];
    SKOPEO.run([&copy[..], options, &[&from, &to]].concat());
    let blob = |digest: &Value| read(folder.path(), digest);
    let manifest = fs::read(folder.path().join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let config = blob(&manifest["config"]["digest"]);
    let layers = manifest["layers"].as_array().expect("layers");
    let diff_ids = layers.iter().map(|layer| {
        let bytes = blob(&layer["digest"]);
        match layer["mediaType"].as_str().expect("a media type") {
            it if it.ends_with("gzip") => digest::of(&ungzip(&bytes)),
            it if it.ends_with("zstd") => digest::of(&unzstd(&bytes)),
            _ => digest::of(&bytes),
        }
    });
    Pulled {
        id: digest::of(&config),
        diff_ids: diff_ids.collect(),
    }
}

fn read(folder: &Path, digest: &Value) -> Vec<u8> {
    let digits = digest::digits(digest.as_str().expect("a digest"));
    fs::read(folder.join(digits)).unwrap_or_else(|error| panic!("{digits}: {error}"))
}

/// The manifest as skopeo gets it.
pub(super) fn raw_manifest(reference: &str) -> Vec<u8> {
    let from = format!("docker://{reference}");
    SKOPEO.run(["inspect", "--raw", "--tls-verify=false", &from])
}

/// Pulls an image with podman, which unpacks and verifies its layers.
pub(super) fn podman(reference: &str) -> Pulled {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| storage::podman(folder.path(), arguments);
    run(&["pull", "--quiet", "--tls-verify=false", reference]);
    let inspected = run(&["image", "inspect", reference]);
    let inspected: Value = serde_json::from_slice(&inspected).unwrap();
    let image = &inspected[0];
    Pulled {
        id: format!("sha256:{}", image["Id"].as_str().expect("an ID")),
        diff_ids: strings(&image["RootFS"]["Layers"]),
    }
}
