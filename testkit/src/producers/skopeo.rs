//! skopeo, podman and buildah to `docker-archive:`.

use serde_json::{Value, json};

use crate::digest;
use crate::image::{Image, bytes};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// One image with a name and one without.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let tagged = Image::sample("skopeo", 3);
    let untagged = Image::sample("skopeo untagged", 2);
    let name = "docker.io/library/skopeo:1";
    vec![
        Sample::new(
            "skopeo docker-archive",
            archive(&tagged, &[name]).finish(),
            vec![Expected::new(&tagged, &["skopeo:1"])],
        ),
        Sample::new(
            "skopeo docker-archive without a name",
            archive(&untagged, &[]).finish(),
            vec![Expected::new(&untagged, &[])],
        ),
    ]
}

/// Layers as files at the root; `<id>/layer.tar` are links to them that the manifest does not use.
#[must_use]
pub fn archive(image: &Image, names: &[&str]) -> Tar {
    let mut tar = Tar::new().stamped(0o444, 0);
    let mut paths = Vec::new();
    for layer in &image.layers {
        let path = format!("{}.tar", layer.hex());
        tar = tar.file(&path, &layer.tar);
        paths.push(path);
    }
    let config = format!("{}.json", image.hex());
    tar = tar.file(&config, &image.config);
    let mut top = String::new();
    for path in &paths {
        top = digest::hex(format!("{top}{path}").as_bytes());
        tar = tar
            .symlink(&format!("{top}/layer.tar"), &format!("../{path}"))
            .file(&format!("{top}/VERSION"), "1.0")
            .file(&format!("{top}/json"), format!(r#"{{"id":"{top}"}}"#));
    }
    let item = json!({"Config": config, "RepoTags": names, "Layers": paths});
    let mut repositories = json!({});
    for name in names {
        let (repository, tag) = name.rsplit_once(':').expect("a name with a tag");
        repositories[repository][tag] = Value::from(top.clone());
    }
    tar.file("manifest.json", bytes(&json!([item])))
        .file("repositories", bytes(&repositories))
}
