//! Foreign layers: their bytes are elsewhere, and are not required.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::{Image, bytes};
use sockerless_testkit::layout::{Blob, CONFIG, Layout, MANIFEST, descriptor, index, named};
use sockerless_testkit::sample::Expected;
use sockerless_testkit::tar::Tar;

use crate::SOCKERLESS;
use crate::outcome::check;

on_both_backends!(docker_archive, oci_layout, without_urls);

fn image() -> Image {
    Image::sample("foreign", 2).reconfigured(|config| config["os"] = json!("windows"))
}

fn source(image: &Image, media_type: &str, urls: &[&str]) -> Value {
    let mut source = descriptor(media_type, &Blob::Gzip.bytes(&image.layers[0].tar));
    if !urls.is_empty() {
        source["urls"] = json!(urls);
    }
    source
}

const URL: &str = "https://mcr.example.com/v2/windows/blobs/base";

/// `LayerSources` has the location of the first layer.
fn docker_archive(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = image();
    let source = source(
        &image,
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        &[URL],
    );
    let item = json!({
        "Config": "config.json",
        "RepoTags": ["foreign:docker"],
        "Layers": ["base.tar.gz", "top.tar"],
        "LayerSources": {image.layers[0].diff_id(): source},
    });
    let archive = Tar::new()
        .file("config.json", &image.config)
        .file("top.tar", &image.layers[1].tar)
        .file("manifest.json", bytes(&json!([item])));
    let response = daemon.load(&archive.finish());
    check(
        &daemon,
        &response,
        &[Expected::new(&image, &["foreign:docker"])],
    )
    .unwrap();
}

fn layout(image: &Image, urls: &[&str]) -> Vec<u8> {
    let mut layout = Layout::new();
    let media_type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let top = layout.blob(
        "application/vnd.oci.image.layer.v1.tar",
        image.layers[1].tar.clone(),
    );
    let config = layout.blob(CONFIG, image.config.clone());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config,
        "layers": [source(image, media_type, urls), top],
    });
    let manifest = layout.blob(MANIFEST, bytes(&manifest));
    layout
        .finish(&index(&[named(manifest, "foreign.example/oci:1")]))
        .finish()
}

fn oci_layout(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = image();
    let response = daemon.load(&layout(&image, &[URL]));
    check(
        &daemon,
        &response,
        &[Expected::new(&image, &["foreign.example/oci:1"])],
    )
    .unwrap();
}

/// A layer that is nowhere is missing, whatever its media type says.
fn without_urls(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let response = daemon.load(&layout(&image(), &[]));
    assert_eq!(response.status, 500, "{}", response.text());
}
