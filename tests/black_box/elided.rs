//! Layers that an archive omits because the daemon has them.

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::{Image, Layer, bytes};
use sockerless_testkit::layout::{Blob, Layout, index, named};
use sockerless_testkit::sample::Expected;
use sockerless_testkit::tar::Tar;

use crate::SOCKERLESS;
use crate::outcome::{check, visible};

on_both_backends!(
    the_missing_one_is_named,
    from_another_form,
    never_from_a_refused_archive
);

/// `image` with `present` of its layers; the others as `blank_<n>`, empty files or none at all.
fn archive(image: &Image, present: &[usize], empty_files: bool) -> Vec<u8> {
    let mut tar = Tar::new().file("config.json", &image.config);
    let mut paths = Vec::new();
    for (n, layer) in image.layers.iter().enumerate() {
        if present.contains(&n) {
            paths.push(format!("{n}/layer.tar"));
            tar = tar.file(&format!("{n}/layer.tar"), &layer.tar);
        } else {
            paths.push(format!("blank_{n}"));
            if empty_files {
                tar = tar.file(&format!("blank_{n}"), []);
            }
        }
    }
    let item = json!({"Config": "config.json", "RepoTags": ["elided:1"], "Layers": paths});
    tar.file("manifest.json", bytes(&json!([item]))).finish()
}

fn the_missing_one_is_named(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("elided", 3);
    let base = Image::with_layers("elided base", vec![image.layers[0].clone()]);
    assert_eq!(daemon.load(&base.docker_archive(&[]).finish()).status, 200);
    let before = visible(&daemon);
    for empty_files in [true, false] {
        // The first is here; the second is not.
        let response = daemon.load(&archive(&image, &[2], empty_files));
        assert_eq!(response.status, 500, "{}", response.text());
        let message = response.message();
        assert!(message.contains(&image.layers[1].hex()), "{message}");
        assert!(message.contains("blank_1"), "{message}");
        assert_eq!(visible(&daemon), before);
    }
    let response = daemon.load(&archive(&image, &[1, 2], true));
    check(&daemon, &response, &[Expected::new(&image, &["elided:1"])]).unwrap();
}

/// A layer that was loaded compressed in an OCI layout can be used by a docker archive.
fn from_another_form(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("other form", 2);
    let mut layout = Layout::new();
    let base = Image::with_layers("other form base", image.layers.clone());
    let manifest = layout.image(&base, Blob::Zstd);
    let base = layout
        .finish(&index(&[named(manifest, "base/form:1")]))
        .finish();
    assert_eq!(daemon.load(&base).status, 200);
    let response = daemon.load(&archive(&image, &[], false));
    check(&daemon, &response, &[Expected::new(&image, &["elided:1"])]).unwrap();
}

/// Layers of a refused archive are not kept.
fn never_from_a_refused_archive(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let good = Layer::with_file("good", "refused\n");
    let image = Image::with_layers("refused", vec![good, Layer::with_file("other", "x\n")]);
    let broken = Tar::new().file("1/layer.tar", "broken");
    let mut refused = Tar::parse(&archive(&image, &[0, 1], false)).append(broken);
    let response = daemon.load(&refused.finish());
    assert_eq!(response.status, 500, "{}", response.text());
    refused = Tar::parse(&archive(&image, &[1], false));
    let response = daemon.load(&refused.finish());
    assert_eq!(response.status, 500, "{}", response.text());
    assert!(
        response.message().contains(&image.layers[0].hex()),
        "{}",
        response.message()
    );
}
