//! imgutil, with which pack and the buildpacks lifecycle build on an image in the daemon.

use serde_json::{Value, json};
use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::digest;
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::{Layer, bytes};
use sockerless_testkit::tar::Tar;

use crate::saved::{members, plain, save};
use crate::{HELPER, HELPER_NAME, daemon_with_images, strings};

const NAME: &str = "pack.local/builder/1234567890abcdef:latest";

/// A new image over the base, without the base's layers, which is tried first.
#[test]
fn over_a_base_that_is_here() {
    let daemon = daemon_with_images();
    let base = base(&daemon);
    let (archive, id) = built(&base, &[]);
    assert_eq!(saved(&daemon, &archive).unwrap(), id);
    let layers = strings(&inspect(&daemon, NAME)["RootFS"]["Layers"]);
    assert_eq!(layers[..4], strings(&base["RootFS"]["Layers"]));
    assert_eq!(layers.len(), 5);
    let tagged = daemon.post(&format!("/images/{id}/tag?repo=app&tag=1"));
    assert_eq!(tagged.status, 201);
    // A repeated build removes the old image by force.
    let old = Request::new("DELETE", &format!("/images/{}?force=1", escaped(HELPER)));
    assert_eq!(daemon.request(&old).status, 200);
    assert_eq!(inspect(&daemon, "app:1")["Id"], id);
}

/// The base was removed: the first attempt is refused, and the second contains the saved layers.
#[test]
fn over_a_base_that_is_gone() {
    let daemon = daemon_with_images();
    let base = base(&daemon);
    let layers = downloaded(&daemon, HELPER);
    for id in [HELPER, crate::BASE] {
        let remove = Request::new("DELETE", &format!("/images/{id}?force=1"));
        assert_eq!(daemon.request(&remove).status, 200);
    }
    let (archive, _) = built(&base, &[]);
    let refused = saved(&daemon, &archive).unwrap_err();
    assert!(
        refused.contains(&base["RootFS"]["Layers"][0].as_str().unwrap()[7..]),
        "{refused}"
    );
    let (archive, id) = built(&base, &layers);
    assert_eq!(saved(&daemon, &archive).unwrap(), id);
}

/// The driver must not be one of the stores that keep blobs, for which it would send all layers at
/// once.
fn base(daemon: &Daemon) -> Value {
    let info = daemon.get("/info").json();
    let status = info["DriverStatus"].as_array().cloned().unwrap_or_default();
    assert!(
        !status.contains(&json!(["driver-type", "io.containerd.snapshotter.v1"])),
        "{info}"
    );
    let version = daemon.get("/version").json();
    assert_eq!(
        (&version["Os"], version["Arch"].is_string()),
        (&json!("linux"), true)
    );
    let base = inspect(daemon, HELPER_NAME);
    for key in ["Os", "Architecture", "Created"] {
        assert!(
            base[key].as_str().is_some_and(|it| !it.is_empty()),
            "{key}: {base}"
        );
    }
    let history = daemon.get(&format!("/images/{HELPER_NAME}/history")).json();
    assert_eq!(history.as_array().map(Vec::len), Some(14), "{history}");
    base
}

fn inspect(daemon: &Daemon, name: &str) -> Value {
    let found = daemon.get(&format!("/images/{name}/json"));
    assert_eq!(found.status, 200, "{}", found.text());
    found.json()
}

/// The layers of an image, by a save: one item, and nothing but files, folders and links.
fn downloaded(daemon: &Daemon, id: &str) -> Vec<Layer> {
    let members = members(&save(daemon, &[id]));
    for (name, (kind, _)) in &members {
        assert!(matches!(kind, b'0' | 0 | b'2' | b'5'), "{name} is a {kind}");
    }
    let content = |name: &str| &members[name].1;
    let manifest: Value = serde_json::from_slice(content("manifest.json")).unwrap();
    assert_eq!(manifest.as_array().map(Vec::len), Some(1));
    let config: Value =
        serde_json::from_slice(content(manifest[0]["Config"].as_str().unwrap())).unwrap();
    let diff_ids = strings(&config["rootfs"]["diff_ids"]);
    let paths = strings(&manifest[0]["Layers"]);
    let layers = diff_ids.iter().zip(paths).map(|(diff_id, path)| {
        let tar = plain(content(&path));
        assert_eq!(digest::of(&tar), *diff_id);
        Layer { tar }
    });
    layers.collect()
}

/// Its archive, an image with one more layer than the base, and the image's ID. The base's layers
/// that were not downloaded are empty files.
fn built(base: &Value, downloaded: &[Layer]) -> (Vec<u8>, String) {
    let added = Layer::with_file("layers/app", "built\n");
    let mut diff_ids = strings(&base["RootFS"]["Layers"]);
    diff_ids.push(added.diff_id());
    let config = bytes(&json!({
        "architecture": base["Architecture"], "os": base["Os"], "created": "1980-01-01T00:00:01Z",
        "config": base["Config"], "history": vec![json!({}); diff_ids.len()],
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }));
    let mut tar = Tar::new().file(&format!("{}.json", digest::hex(&config)), &config);
    let mut paths = Vec::new();
    for (n, diff_id) in diff_ids.iter().enumerate() {
        let layer = downloaded
            .get(n)
            .or_else(|| (n + 1 == diff_ids.len()).then_some(&added));
        let path = layer.map_or_else(|| format!("blank_{n}"), |_| format!("/{diff_id}.tar"));
        tar = tar.file(&path, layer.map_or(&[][..], |layer| &layer.tar));
        paths.push(path);
    }
    let item = json!({"Config": format!("{}.json", digest::hex(&config)), "RepoTags": [NAME], "Layers": paths});
    let archive = tar.file("manifest.json", bytes(&json!([item]))).finish();
    (archive, digest::of(&config))
}

/// Loads, reads only the first message, then looks up the image by its name.
fn saved(daemon: &Daemon, archive: &[u8]) -> Result<String, String> {
    let request = Request::post("/images/load?quiet=1").header("Content-Type", "application/x-tar");
    let parts = archive.chunks(32 * 1024).map(<[u8]>::to_vec).collect();
    let response = daemon.request(&request.chunked(parts));
    if response.status != 200 {
        return Err(response.message());
    }
    let mut messages = serde_json::Deserializer::from_slice(&response.body).into_iter::<Value>();
    let first = messages
        .next()
        .ok_or("an empty answer")?
        .map_err(|error| error.to_string())?;
    match first.get("errorDetail") {
        Some(error) => Err(error["message"].to_string()),
        None => Ok(inspect(daemon, NAME)["Id"].as_str().unwrap().to_owned()),
    }
}
