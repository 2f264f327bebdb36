use std::time::Duration;

use futures_util::StreamExt;
use sockerless_images::{ImportRequest, Kind, SaveRequest};

use crate::scene::{DOCKER, INDEX, OCI, Scene, linux, members, read};

/// A saved archive that is loaded elsewhere and saved again has the same bytes.
async fn round_trip(fixture: &str) {
    let first = Scene::keeping().await;
    let loaded = first.load(fixture).await;
    let names: Vec<String> = match loaded.images[0].names.as_slice() {
        [] => vec![loaded.images[0].id.to_string()],
        names => names
            .iter()
            .map(|name| name.familiar().to_owned())
            .collect(),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let archive = first.save(&names).await.expect("saved");
    let second = Scene::keeping().await;
    let again = second.load_bytes(archive.clone().into()).await;
    let again = again.expect("loaded");
    assert_eq!(again.images[0].id, loaded.images[0].id, "{fixture}");
    assert_eq!(again.images[0].names, loaded.images[0].names, "{fixture}");
    let (before, after) = (
        first.images.inspect(names[0], None).await.expect("found"),
        second.images.inspect(names[0], None).await.expect("found"),
    );
    assert_eq!(before.image.target, after.image.target, "{fixture}");
    assert!(second.save(&names).await.expect("saved") == archive);
}

#[tokio::test]
async fn what_is_saved_is_what_was_loaded() {
    for fixture in [
        DOCKER,
        OCI,
        INDEX,
        "docker-20.10-untagged.tar",
        "docker-29-containerd.tar",
        "docker-29-graphdriver.tar",
        "gitlab-runner-helper.docker.tar.zst",
        "podman-4.3-docker-archive.tar",
        "podman-4.3-oci-archive.tar",
        "skopeo-1.9-docker-archive-untagged.tar",
        "skopeo-1.9-oci-archive-zstd-layers.tar",
    ] {
        round_trip(fixture).await;
    }
}

#[tokio::test]
async fn oci_documents_and_layers_are_kept_to_the_bit() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(INDEX).await;
    let id = loaded.images[0].id.to_string();
    let saved = members(&scene.save(&[&id]).await.expect("saved"));
    let brought = members(&read(INDEX));
    let blobs = brought
        .iter()
        .filter(|(name, _)| name.starts_with("blobs/sha256/") && !name.ends_with('/'));
    for blob in blobs {
        assert!(saved.contains(blob), "{}", blob.0);
    }
}

#[tokio::test]
async fn names_choose_what_is_written() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(DOCKER).await;
    let id = loaded.images[0].id.to_string();
    for tag in ["1", "2"] {
        scene.images.tag(&id, "many", tag).await.expect("tag");
    }
    let tags = |archive: &[u8]| {
        let members = members(archive);
        let (_, manifest) = members
            .iter()
            .find(|(name, _)| name == "manifest.json")
            .expect("manifest.json");
        let manifest: serde_json::Value = serde_json::from_slice(manifest).expect("JSON");
        manifest[0]["RepoTags"].clone()
    };
    let save = async |names: &[&str]| scene.save(names).await.expect("saved");
    assert_eq!(
        tags(&save(&["many"]).await),
        serde_json::json!(["many:1", "many:2"])
    );
    assert_eq!(
        tags(&save(&["many:1"]).await),
        serde_json::json!(["many:1"])
    );
    assert_eq!(tags(&save(&[&id]).await), serde_json::Value::Null);
    assert_eq!(tags(&save(&[&id[7..19]]).await), serde_json::Value::Null);
    for (name, message) in [
        ("nosuch", "No such image: nosuch:latest"),
        ("many:3", "No such image: many:3"),
    ] {
        let error = scene.save(&["many", name]).await.expect_err(name);
        assert_eq!((error.kind(), error.message()), (Kind::NotFound, message));
    }
    let nothing = members(&save(&[]).await);
    assert!(nothing.iter().any(|(name, _)| name == "index.json"));
}

#[tokio::test]
async fn a_platform_is_saved_with_its_index() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(INDEX).await;
    let id = loaded.images[0].id.to_string();
    let request = |architecture: &str| SaveRequest {
        names: vec![id.clone()],
        platforms: vec![linux(architecture)],
    };
    let error = scene.save_with(request("s390x")).await;
    assert_eq!(error.expect_err("no such").kind(), Kind::NotFound);
    let archive = scene.save_with(request("arm64")).await.expect("saved");
    let other = Scene::keeping().await;
    let loaded = other.load_bytes(archive.into()).await.expect("loaded");
    let whole = scene.images.inspect(&id, None).await.expect("found").image;
    let partial = other
        .images
        .inspect(&loaded.images[0].id.to_string(), None)
        .await
        .expect("found")
        .image;
    assert_eq!(partial.target, whole.target);
    assert_eq!(partial.variants, [whole.variants[1].clone()]);
}

#[tokio::test]
async fn damage_ends_the_archive() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(OCI).await;
    let id = loaded.images[0].id.to_string();
    let found = scene.images.inspect(&id, None).await.expect("found");
    let layer = &found.image.variants[0].layers[1];
    let path = scene.blob(&layer.digest.to_string());
    let mut bytes = std::fs::read(&path).expect("blob");
    bytes[20] ^= 1;
    std::fs::write(&path, &bytes).expect("damage");
    let error = scene.save(&[&id]).await.expect_err("damaged");
    assert!(
        error
            .message()
            .starts_with(&format!("blob {} is damaged", layer.digest)),
        "{error}"
    );
    std::fs::write(&path, &bytes[..bytes.len() - 1]).expect("damage");
    let error = scene.save(&[&id]).await.expect_err("cut");
    assert!(error.message().contains("is damaged: expected"), "{error}");
    std::fs::remove_file(&path).expect("removed");
    let error = scene.save(&[&id]).await.expect_err("gone");
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn layers_that_are_not_kept_come_from_the_staging_registry() {
    for fixture in [OCI, DOCKER] {
        let scene = Scene::passing_on().await;
        let loaded = scene.load(fixture).await;
        let id = loaded.images[0].id.to_string();
        let archive = scene.save(&[&id]).await.expect("saved");
        let other = Scene::keeping().await;
        let again = other.load_bytes(archive.into()).await.expect("loaded");
        assert_eq!(again.images[0].id, loaded.images[0].id, "{fixture}");
    }
    let scene = Scene::discarding().await;
    let loaded = scene.load(DOCKER).await;
    let id = loaded.images[0].id.to_string();
    let error = scene.save(&[&id]).await.expect_err("nowhere");
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.message().contains("--content discard"), "{error}");
}

#[tokio::test]
async fn an_image_can_be_removed_while_it_is_saved() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(OCI).await;
    let id = loaded.images[0].id.to_string();
    let request = SaveRequest {
        names: vec![id.clone()],
        platforms: Vec::new(),
    };
    let stream = scene.images.save(request).await.expect("begun");
    scene.remove(&id, true).await.expect("removed");
    assert!(scene.blobs() > 0, "they are still read");
    let mut stream = std::pin::pin!(stream);
    let mut archive = Vec::new();
    while let Some(piece) = futures_util::StreamExt::next(&mut stream).await {
        archive.extend_from_slice(&piece.expect("whole"));
    }
    assert!(scene.load_bytes(archive.into()).await.is_ok());
}

/// Clients that request an image and then stop reading must not occupy threads that others need.
#[test]
fn a_save_that_nobody_reads_holds_no_thread() {
    const THREADS: usize = 4;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(THREADS)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let scene = Scene::keeping().await;
        let mut root = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(8 << 20);
        let file = std::io::Read::take(std::io::repeat(7), 8 << 20);
        root.append_data(&mut header, "file", file).expect("added");
        let root = root.into_inner().expect("a tar");
        let id = scene.import(root, ImportRequest::default()).await;
        let id = id.expect("imported");
        let mut unread = Vec::new();
        let work = async {
            for _ in 0..2 * THREADS {
                let request = SaveRequest {
                    names: vec![id.clone()],
                    platforms: Vec::new(),
                };
                let mut archive = Box::pin(scene.images.save(request).await.expect("begun"));
                // Up to the first piece of the layer.
                while archive.next().await.expect("a piece").expect("whole").len() < 1 << 14 {}
                unread.push(archive);
            }
            scene.load(DOCKER).await;
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), work).await;
        ended.expect("threads are left for a load");
    });
}
