//! How jib reads a base image from the daemon.

use std::collections::BTreeSet;

use serde_json::Value;
use sockerless_testkit::digest;

use crate::saved::{files, is_compressed, plain, save};
use crate::{HELPER_NAME, daemon, daemon_with_images, read as fixture, strings};

/// An image of each kind that a daemon has: plain layers, gzip layers, zstd layers.
#[test]
fn a_base_image() {
    let daemon = daemon_with_images();
    read(&save(&daemon, &[HELPER_NAME]), 4);
}

#[test]
fn compressed_layers() {
    for kind in ["gzip", "zstd"] {
        let daemon = daemon();
        let loaded = daemon.load(&fixture(&format!(
            "skopeo-1.9-oci-archive-{kind}-layers.tar"
        )));
        let line = loaded.streams().pop().expect("a line");
        let id = line.trim_end().rsplit_once(' ').expect("an ID").1;
        read(&save(&daemon, &[id]), 4);
    }
}

/// One image, no unknown key, and all layers compressed like the first one.
pub(crate) fn read(archive: &[u8], layers: usize) {
    let files = files(archive);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let items = manifest.as_array().unwrap();
    assert_eq!(items.len(), 1, "{manifest}");
    let keys: BTreeSet<&str> = items[0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, BTreeSet::from(["Config", "Layers", "RepoTags"]));
    let config: Value =
        serde_json::from_slice(&files[items[0]["Config"].as_str().unwrap()]).unwrap();
    let diff_ids = strings(&config["rootfs"]["diff_ids"]);
    assert_eq!(diff_ids.len(), layers);
    let paths = strings(&items[0]["Layers"]);
    let first = is_compressed(&files[&paths[0]]);
    for (path, diff_id) in paths.iter().zip(&diff_ids) {
        let layer = &files[path];
        assert_eq!(is_compressed(layer), first, "{path}");
        assert_eq!(digest::of(&plain(layer)), *diff_id, "{path}");
    }
}
