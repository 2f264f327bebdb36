//! The content of an archive of images: images, layers and names, in any layout.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sockerless_testkit::digest;

/// The images of an archive, each with its names and the digests of its layers, and the names in
/// `repositories`.
pub(crate) fn content(archive: &[u8]) -> Value {
    let files = files(archive);
    let document = |name: &str| -> Value {
        let file = files.get(name);
        file.and_then(|bytes| serde_json::from_slice(bytes).ok())
            .unwrap_or_default()
    };
    let manifest = document("manifest.json");
    let images: Vec<Value> = manifest
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| {
            let digest = |name: &Value| {
                let file = name.as_str().and_then(|name| files.get(name));
                file.map(|bytes| digest::of(bytes))
            };
            let layers = item["Layers"].as_array().into_iter().flatten();
            json!({
                "Id": digest(&item["Config"]),
                "RepoTags": item["RepoTags"],
                "Layers": layers.map(digest).collect::<Vec<_>>(),
            })
        })
        .collect();
    let names: BTreeMap<String, Vec<String>> = document("repositories")
        .as_object()
        .into_iter()
        .flatten()
        .map(|(repository, tags)| {
            let tags = tags.as_object().into_iter().flatten();
            (
                repository.clone(),
                tags.map(|(tag, _)| tag.clone()).collect(),
            )
        })
        .collect();
    json!({"images": images, "repositories": names})
}

/// Every file by its name; a link as what it points to.
fn files(archive: &[u8]) -> BTreeMap<String, &[u8]> {
    let mut files = BTreeMap::new();
    let mut links = Vec::new();
    let mut rest = archive;
    while let Some((header, after)) = rest.split_at_checked(512) {
        let text = |from: usize, to: usize| {
            let field = &header[from..to];
            let end = field.iter().position(|byte| *byte == 0);
            String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
        };
        let Ok(size) = usize::from_str_radix(text(124, 136).trim(), 8) else {
            break;
        };
        let name = text(0, 100);
        match header[156] {
            b'2' => links.push((name, text(157, 257))),
            _ => {
                files.insert(name, after.get(..size).expect("a whole member"));
            }
        }
        rest = after
            .get(size.next_multiple_of(512)..)
            .expect("whole blocks");
    }
    for (name, target) in links {
        let target = target.trim_start_matches("../").to_owned();
        let file = *files.get(&target).expect("what a link points to");
        files.insert(name, file);
    }
    files
}
