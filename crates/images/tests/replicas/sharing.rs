use std::collections::HashSet;
use std::io::Write;

use serde_json::{Value, json};
use sockerless_containers::CreateContainer;
use sockerless_images::{Digest, Kind, RemoveRequest, RunConfig};
use sockerless_testkit::registry::fake::{FakeRegistry, Fault, Profile, Step};

use crate::layout::Layout;
use crate::scene::{
    DOCKER, Daemon, GZIP, INDEX, Scene, ZSTD, fixture, linux, noise, tar_of, without,
};

const OCI_TAR: &str = "application/vnd.oci.image.layer.v1.tar";

/// An image for two platforms with layers of every compression and a large attestation.
fn everything() -> bytes::Bytes {
    let mut layout = Layout::new();
    let mut layers = Vec::new();
    for (seed, compression) in ["", "+gzip", "+zstd", "+zstd"].into_iter().enumerate() {
        let tar = tar_of(&noise(5000, seed as u8));
        let blob = match compression {
            "+gzip" => gzip(&tar),
            "+zstd" => zstd::encode_all(&tar[..], 1).expect("zstd"),
            _ => tar.to_vec(),
        };
        let layer = layout.blob(&format!("{OCI_TAR}{compression}"), &blob);
        layers.push((layer, Digest::of(&tar)));
    }
    layout.image("amd64", &layers[..3]);
    layout.image("arm64", &layers[1..]);
    let statement = [b"no JSON: ".to_vec(), noise(100_000, 9)].concat();
    let statement = layout.blob("application/vnd.in-toto+json", &statement);
    layout.attestation(statement);
    layout.index()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("gzip")
}

async fn container(daemon: &Daemon, image: &str) -> String {
    let request = CreateContainer {
        image: image.to_owned(),
        run: RunConfig {
            cmd: Some(vec!["true".to_owned()]),
            ..RunConfig::default()
        },
        ..CreateContainer::default()
    };
    let created = daemon.containers.create(request).await;
    created.expect("container").id
}

#[tokio::test]
async fn an_image_that_one_has_loaded_is_everybodys() {
    let archives = [
        DOCKER,
        GZIP,
        ZSTD,
        INDEX,
        "docker-29-containerd.tar",
        "podman-4.3-docker-archive.tar",
    ];
    let archives = archives.map(|name| (name, fixture(name)));
    for (name, archive) in archives.into_iter().chain([("everything", everything())]) {
        let scene = Scene::new().await;
        let (a, b) = (scene.daemon(), scene.daemon());
        let id = a.loaded(archive).await;
        let (here, there) = (
            a.images.inspect(&id, None).await.expect("found"),
            b.images.inspect(&id, None).await.expect("found"),
        );
        assert_eq!(here, there, "{name}");

        let saved = a.save(&id).await.expect("saved");
        assert!(b.save(&id).await.expect(name) == saved, "{name}");
        assert_eq!(b.blobs(), 0, "{name}: without a limit it is no cache");

        let elsewhere = FakeRegistry::start(Profile::default()).await;
        let elsewhere = elsewhere.expect("registry");
        let pushed = b.push(&id, &format!("{}/b", elsewhere.host())).await;
        let pushed = pushed.expect(name);
        let by_a = a.push(&id, &format!("{}/a", elsewhere.host())).await;
        assert_eq!(by_a.expect(name), pushed, "{name}");

        let made = container(&b, &id).await;
        let row = a.containers.get(&made).await.expect("everybody's");
        let reference = b.containers.pull_reference(&row).await.expect("asked");
        let digest = reference.expect("it is staged").digest().expect("a digest");
        assert!(
            scene
                .registry
                .manifest("staging", &digest.to_string())
                .is_some()
        );

        b.remove(&id).await.expect("removed");
        let error = a.images.inspect(&id, None).await.expect_err("gone");
        assert_eq!(error.kind(), Kind::NotFound);
        // No image needs what is left on the other's disk: its sweeper removes it.
        assert!(a.blobs() > 0);
        a.images
            .sweep(std::time::Duration::ZERO)
            .await
            .expect("swept");
        assert_eq!(a.blobs(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_platform_that_one_has_loaded_is_everybodys() {
    let scene = Scene::new().await;
    let (a, b) = (scene.daemon(), scene.daemon());
    let id = a.loaded(everything()).await;
    let found = a.images.inspect(&id, None).await.expect("found");
    assert_eq!(found.image.variants.len(), 2);
    let arm = found.image.variants[1].config.to_string();
    assert!(b.save(&arm).await.expect("saved") == a.save(&arm).await.expect("saved"));
    let request = RemoveRequest {
        name: id.clone(),
        force: true,
        platforms: vec![linux("amd64")],
    };
    b.images.remove(request).await.expect("one platform");
    assert!(b.save(&arm).await.expect("saved") == a.save(&arm).await.expect("saved"));
}

/// Everything that tagged manifests refer to, and the manifests: what a registry's garbage
/// collection keeps.
fn kept_by_tags(registry: &FakeRegistry) -> HashSet<String> {
    let mut waiting = registry.tags("staging");
    let mut kept = HashSet::new();
    while let Some(name) = waiting.pop() {
        let Some((_, bytes)) = registry.manifest("staging", &name) else {
            continue;
        };
        kept.insert(Digest::of(&bytes).to_string());
        let manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
        let digest = |part: &Value| part["digest"].as_str().map(str::to_owned);
        let list = |key: &str| manifest[key].as_array().cloned().unwrap_or_default();
        waiting.extend(list("manifests").iter().filter_map(digest));
        kept.extend(list("layers").iter().filter_map(digest));
        kept.extend(digest(&manifest["config"]));
    }
    kept
}

#[tokio::test]
async fn a_registry_that_cleans_up_loses_nothing() {
    for all_platforms in [false, true] {
        let scene = Scene::new().await;
        let staging = sockerless_images::StagingConfig {
            all_platforms,
            ..scene.staging()
        };
        let (a, b) = (
            scene.daemon_with(Some(staging.clone()), None),
            scene.daemon_with(Some(staging), None),
        );
        let id = a.loaded(everything()).await;
        let found = a.images.inspect(&id, None).await.expect("found");
        let kept = kept_by_tags(&scene.registry);
        let blobs = kept
            .iter()
            .filter_map(|digest| digest.parse().ok())
            .filter(|digest: &Digest| scene.registry.blob("staging", digest).is_some());
        assert_eq!(blobs.count(), scene.registry.blob_count("staging"));
        let layers = found.image.variants.iter().flat_map(|v| &v.layers);
        for layer in layers.filter(|layer| layer.digest != layer.diff_id) {
            assert!(kept.contains(&layer.digest.to_string()), "{layer:?}");
        }
        for blob in &found.image.blobs {
            assert!(kept.contains(&blob.to_string()), "{blob}");
        }
        assert_eq!(found.image.blobs.len(), 1);
        let tags = scene.registry.tags("staging").len();
        b.loaded(everything()).await;
        assert_eq!(scene.registry.tags("staging").len(), tags, "the same again");
    }
}

#[tokio::test]
async fn a_layer_that_is_left_out_is_fetched() {
    for name in [DOCKER, GZIP, ZSTD] {
        let scene = Scene::new().await;
        let (a, b) = (scene.daemon(), scene.daemon());
        let id = a.loaded(fixture(name)).await;
        let image = a.images.inspect(&id, None).await.expect("found").image;
        let layer = &image.variants[0].layers[0];
        let saved = a.save(&id).await.expect("saved");
        let partial = without(&saved, |path| path.ends_with(&layer.digest.hex()));
        assert!(partial.len() < saved.len(), "{name}");
        let loaded = b.load(partial.clone()).await.expect(name);
        assert_eq!(loaded.images[0].id.to_string(), id, "{name}");
        let bytes = std::fs::read(b.path(layer.digest)).expect("it is here now");
        assert_eq!(Digest::of(&bytes), layer.digest, "{name}");
        assert!(b.save(&id).await.expect("saved") == saved, "{name}");

        // The same when the only daemon with the blob on its disk has removed the image, and the
        // file here is damaged.
        std::fs::write(b.path(layer.digest), b"damage").expect("damaged");
        b.load(partial.clone()).await.expect("healed");
        b.content.verify(layer.digest).expect("whole");
        b.remove(&id).await.expect("removed");
        let error = a.load(partial).await.expect_err("nobody knows it");
        assert!(error.message().contains("no verified layer"), "{error}");
    }
}

#[tokio::test]
async fn a_layer_of_another_image_is_staged_from_the_registry() {
    let scene = Scene::new().await;
    let (a, b) = (scene.daemon(), scene.daemon());
    let tar = tar_of(&noise(5000, 1));
    let blob = zstd::encode_all(&tar[..], 1).expect("zstd");
    let with = |own: u8| {
        let mut layout = Layout::new();
        let shared = layout.blob(&format!("{OCI_TAR}+zstd"), &blob);
        let own = tar_of(&noise(700, own));
        let top = layout.blob(OCI_TAR, &own);
        layout.image(
            "amd64",
            &[(shared, Digest::of(&tar)), (top, Digest::of(&own))],
        );
        layout.images()
    };
    a.loaded(with(1)).await;
    let shared = Digest::of(&blob).hex().to_string();
    let id = b
        .loaded(without(&with(2), |path| path.ends_with(&shared)))
        .await;
    let saved = b.save(&id).await.expect("saved");
    assert!(a.save(&id).await.expect("saved") == saved);
}

#[tokio::test]
async fn what_was_never_staged_is_missed_by_its_name() {
    let scene = Scene::new().await;
    let staging = sockerless_images::StagingConfig {
        complete: false,
        ..scene.staging()
    };
    let (a, b) = (scene.daemon_with(Some(staging), None), scene.daemon());
    let id = a.loaded(everything()).await;
    let found = a.images.inspect(&id, None).await.expect("found");
    let arm = &found.image.variants[1];
    let error = b.save(&arm.config.to_string()).await.expect_err("nowhere");
    assert_eq!(error.kind(), Kind::NotFound);
    let zstd = &arm.layers[1];
    assert!(
        error.message().contains(&zstd.digest.to_string()),
        "{error}"
    );
    let elsewhere = FakeRegistry::start(Profile::default()).await;
    let name = format!("{}/b", elsewhere.as_ref().expect("registry").host());
    let error = b.push(&id, &name).await.expect_err("nowhere");
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.message().contains("sha256:"), "{error}");
    // The platform that was staged is available in its staged form.
    let archive = b.save(&found.image.id.to_string()).await.expect("saved");
    let other = Scene::new().await;
    assert_eq!(other.daemon().loaded(archive.into()).await, id);
}

#[tokio::test]
async fn foreign_layers_are_not_demanded() {
    let scene = Scene::new().await;
    let (a, b) = (scene.daemon(), scene.daemon());
    let mut layout = Layout::new();
    let (base, own) = (tar_of(b"base"), tar_of(b"own"));
    let foreign = json!({
        "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "digest": Digest::of(&base).to_string(),
        "size": base.len(),
        "urls": ["https://example.com/base"],
    });
    let top = layout.blob(OCI_TAR, &own);
    layout.image(
        "amd64",
        &[(foreign, Digest::of(&base)), (top, Digest::of(&own))],
    );
    let id = a.loaded(layout.images()).await;
    assert!(b.save(&id).await.expect("saved") == a.save(&id).await.expect("saved"));
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_not_one_that_has_nothing() {
    let scene = Scene::new().await;
    let (a, b) = (scene.daemon(), scene.daemon());
    for archive in [fixture(DOCKER), everything()] {
        let id = a.loaded(archive).await;
        let image = a.images.inspect(&id, None).await.expect("found").image;
        let saved = a.save(&id).await.expect("saved");
        let layer = image.variants[0].layers[0].digest;
        let partial = without(&saved, |path| path.ends_with(&layer.hex()));
        scene
            .registry
            .inject(Fault::status(Step::HeadBlob, 503).times(10_000));
        let error = b.save(&id).await.expect_err("not now");
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        let error = b.load(partial.clone()).await.expect_err("not now");
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        let name = format!("{}/elsewhere", scene.registry.host());
        let error = b.push(&id, &name).await.expect_err("not now");
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        assert_eq!((b.blobs(), b.unfinished()), (0, 0));
        assert!(a.save(&id).await.expect("it has all of it") == saved);
        scene.registry.clear_faults();
        assert!(b.save(&id).await.expect("now") == saved);
    }
}
