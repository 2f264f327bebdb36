//! `docker save` before 1.10: `repositories`, `<id>/json` and `<id>/layer.tar` only.

use serde_json::json;

use crate::digest;
use crate::image::{Layer, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// An image of two layers; the daemon derives its configuration.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let base = Layer::with_file("base", "docker 1.9\n");
    let top = Layer::with_file("top", "docker 1.9\n");
    let (base_id, top_id) = (digest::hex(b"v1 base"), digest::hex(b"v1 top"));
    let base_json = json!({
        "id": base_id, "created": "2015-01-02T03:04:05Z", "os": "linux", "architecture": "amd64",
        "docker_version": "1.9.1", "container_config": {"Cmd": ["/bin/sh", "-c", "#(nop) ADD"]},
        "Size": 5,
    });
    let top_json = json!({
        "id": top_id, "parent": base_id, "created": "2015-01-02T03:04:06Z", "os": "linux",
        "architecture": "amd64", "docker_version": "1.9.1",
        "config": {"Cmd": ["/bin/legacy"], "Env": ["A=b"]},
        "container_config": {"Cmd": ["/bin/sh", "-c", "#(nop) CMD"]}, "Size": 3,
    });
    let tar = [(&base_id, base_json, &base), (&top_id, top_json, &top)]
        .into_iter()
        .fold(Tar::new(), |tar, (id, json, layer)| {
            tar.directory(&format!("{id}/"))
                .file(&format!("{id}/VERSION"), "1.0")
                .file(&format!("{id}/json"), bytes(&json))
                .file(&format!("{id}/layer.tar"), &layer.tar)
        });
    let tar = tar.file(
        "repositories",
        bytes(&json!({"old/legacy": {"1.9": top_id}})),
    );
    let expected = Expected {
        id: None,
        names: vec!["old/legacy:1.9".to_owned()],
        diff_ids: vec![base.diff_id(), top.diff_id()],
    };
    vec![Sample::new(
        "docker save before 1.10",
        tar.finish(),
        vec![expected],
    )]
}
