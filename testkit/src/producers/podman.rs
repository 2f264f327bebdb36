//! podman and skopeo to `oci-archive:`; the index has no `mediaType`.

use serde_json::{Value, json};

use crate::image::Image;
use crate::layout::{Blob, Layout, named};
use crate::sample::{Expected, Sample};

/// A full name, a bare tag (which is not a name), a short name, zstd layers.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![
        sample(
            "podman oci-archive",
            Some("localhost/podman:1"),
            &["localhost/podman:1"],
            Blob::Gzip,
        ),
        sample(
            "skopeo oci-archive with a bare tag",
            Some("latest"),
            &[],
            Blob::Gzip,
        ),
        sample(
            "skopeo oci-archive with a short name",
            Some("podman/short:2"),
            &["podman/short:2"],
            Blob::Plain,
        ),
        sample("skopeo oci-archive without a name", None, &[], Blob::Zstd),
        sample(
            "skopeo oci-archive with an invalid name",
            Some("Not/A:Name"),
            &[],
            Blob::Zstd,
        ),
    ]
}

fn sample(producer: &'static str, ref_name: Option<&str>, names: &[&str], form: Blob) -> Sample {
    let image = Image::sample(producer, 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, form);
    let manifest = match ref_name {
        Some(ref_name) => named(manifest, ref_name),
        None => manifest,
    };
    let index: Value = json!({"schemaVersion": 2, "manifests": [manifest]});
    Sample::new(
        producer,
        layout.finish(&index).finish(),
        vec![Expected::new(&image, names)],
    )
}
