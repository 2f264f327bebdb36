use std::fs::{File, FileTimes};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use sockerless_images::{Digest, GRACE, StagingCompression, StagingConfig};

use crate::layout::Layout;
use crate::scene::{
    DOCKER, Daemon, GZIP, INDEX, Scene, ZSTD, fixture, noise, tar_of, until, without,
};

/// Bytes of the layer of an image that is imported from a file of 3 KiB.
const LAYER: u64 = 4608;

/// Sets the time of a blob's last use to so many seconds after a fixed moment.
fn used(daemon: &Daemon, digest: Digest, seconds: u64) {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let file = File::open(daemon.path(digest)).expect("blob");
    let times = FileTimes::new().set_modified(at).set_accessed(at);
    file.set_times(times).expect("times");
}

/// Images of one layer each, and those layers.
async fn images<const N: usize>(daemon: &Daemon) -> [(String, Digest); N] {
    let mut images = Vec::new();
    for seed in 0..N {
        images.push(daemon.import(3072, seed as u8).await);
    }
    images.try_into().expect("as many")
}

#[tokio::test]
async fn the_least_recently_used_goes_first_also_after_a_start() {
    let scene = Scene::new().await;
    let before = scene.daemon();
    let [a, b, c, d] = images(&before).await;
    assert_eq!(before.content.size(), 4 * LAYER);
    let originals = [&a, &b, &c, &d].map(|(id, _)| id.clone());
    let mut saved = Vec::new();
    for id in &originals {
        saved.push(before.save(id).await.expect("saved"));
    }
    for ((_, layer), seconds) in [(&c, 1), (&a, 2), (&d, 3), (&b, 4)] {
        used(&before, *layer, seconds);
    }
    let root = Arc::clone(&before.root);
    drop(before);

    // A save is a use.
    let staging = || Some(scene.staging());
    let daemon = scene.started(Arc::clone(&root), staging(), Some(3 * LAYER));
    daemon.save(&c.0).await.expect("saved");
    until("one goes", || daemon.content.size() == 3 * LAYER).await;
    assert!(!daemon.has(a.1), "it was not used for the longest time");

    let daemon = scene.started(Arc::clone(&root), staging(), Some(2 * LAYER - 1));
    let swept = daemon.images.shrink_cache(GRACE).await.expect("shrunk");
    assert_eq!(swept.blobs, 2);
    assert!(daemon.has(c.1), "it was used last");

    // Evicted blobs can still be used.
    let daemon = scene.started(root, staging(), None);
    for (id, saved) in originals.iter().zip(saved) {
        assert!(daemon.save(id).await.expect("saved") == saved);
    }
}

#[tokio::test]
async fn what_is_being_read_stays() {
    let scene = Scene::new().await;
    let daemon = scene.caching(2 * LAYER);
    let [a, b] = images(&daemon).await;
    used(&daemon, a.1, 1);
    let mut saving = Box::pin(daemon.begin_save(&a.0, Vec::new()).await.expect("begun"));
    used(&daemon, a.1, 1);
    let c = daemon.import(3072, 9).await;
    until("the other goes", || !daemon.has(b.1)).await;
    assert!(daemon.has(a.1) && daemon.has(c.1));
    let mut archive = Vec::new();
    while let Some(piece) = saving.next().await {
        archive.extend_from_slice(&piece.expect("whole"));
    }
    drop(saving);
    let tight = scene.started(Arc::clone(&daemon.root), Some(scene.staging()), Some(0));
    tight.images.shrink_cache(GRACE).await.expect("shrunk");
    assert_eq!(tight.blobs(), 0);
    assert!(tight.save(&a.0).await.expect("saved") == archive);
}

#[tokio::test]
async fn what_cannot_be_had_again_stays() {
    let scene = Scene::new().await;
    // Never staged.
    let before = scene.daemon_with(None, None);
    let (_, local) = before.import(3072, 1).await;
    let root = Arc::clone(&before.root);
    // Pushed somewhere, where it may be removed.
    let (pushed, only_pushed) = before.import(3072, 2).await;
    let elsewhere = format!("{}/elsewhere", scene.registry.host());
    before.push(&pushed, &elsewhere).await.expect("pushed");
    drop(before);
    // Staged in another compression only.
    let staging = StagingConfig {
        complete: false,
        ..scene.staging()
    };
    let daemon = scene.started(root, Some(staging.clone()), Some(0));
    let tar = tar_of(&noise(3072, 3));
    let mut layout = Layout::new();
    let compressed = zstd::encode_all(&tar[..], 1).expect("zstd");
    let layer = layout.blob("application/vnd.oci.image.layer.v1.tar+zstd", &compressed);
    layout.image("amd64", &[(layer, Digest::of(&tar))]);
    daemon.loaded(layout.images()).await;
    let (_, staged) = daemon.import(3072, 4).await;
    until("it can be had again", || !daemon.has(staged)).await;
    daemon.images.shrink_cache(GRACE).await.expect("shrunk");
    for digest in [local, only_pushed, Digest::of(&compressed)] {
        assert!(daemon.has(digest));
    }
    assert_eq!(daemon.blobs(), 3);
}

#[tokio::test]
async fn what_is_staged_in_whatever_form_goes_and_comes_back() {
    for compression in [
        StagingCompression::Gzip,
        StagingCompression::Zstd,
        StagingCompression::None,
        StagingCompression::Keep,
    ] {
        for name in [DOCKER, GZIP, ZSTD, INDEX] {
            let scene = Scene::new().await;
            let staging = StagingConfig {
                compression,
                ..scene.staging()
            };
            let whole = scene.daemon_with(Some(staging.clone()), None);
            let id = whole.loaded(fixture(name)).await;
            let saved = whole.save(&id).await.expect("saved");
            let root = Arc::clone(&whole.root);
            let daemon = scene.started(root, Some(staging), Some(0));
            daemon.images.shrink_cache(GRACE).await.expect("shrunk");
            assert_eq!(daemon.blobs(), 0, "{compression:?} {name}");
            let again = daemon.save(&id).await.expect("saved");
            assert!(again == saved, "{compression:?} {name}");
        }
    }
}

#[tokio::test]
async fn what_is_nobodys_waits_for_its_grace() {
    let scene = Scene::new().await;
    let daemon = scene.caching(0);
    let put = |bytes: &'static [u8]| {
        let mut writer = daemon.content.writer(None);
        writer.write(bytes).expect("written");
        let staged = writer.finish().expect("finished");
        let digest = staged.digest();
        #[expect(
            clippy::disallowed_methods,
            reason = "nothing else uses the store here"
        )]
        daemon.content.commit([staged]).expect("committed");
        digest
    };
    let (young, old) = (put(b"young"), put(b"old"));
    used(&daemon, old, 1);
    daemon.images.shrink_cache(GRACE).await.expect("shrunk");
    assert_eq!((daemon.has(young), daemon.has(old)), (true, false));
    daemon
        .images
        .shrink_cache(Duration::ZERO)
        .await
        .expect("shrunk");
    assert_eq!(daemon.blobs(), 0);
}

#[tokio::test]
async fn the_limit_holds_after_many_loads_at_once() {
    let scene = Scene::new().await;
    let daemon = Arc::new(scene.caching(3 * LAYER));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4_u8 {
        let daemon = Arc::clone(&daemon);
        tasks.spawn(async move {
            let mut ids = Vec::new();
            for round in 0..8 {
                let (id, _) = daemon.import(3072, task * 8 + round).await;
                daemon.save(&id).await.expect("whole");
                ids.push(id);
            }
            ids
        });
    }
    let mut ids = Vec::new();
    while let Some(done) = tasks.join_next().await {
        ids.extend(done.expect("no panic"));
    }
    until("the limit", || daemon.content.size() <= 3 * LAYER).await;
    let other = scene.daemon();
    for id in &ids {
        let saved = daemon.save(id).await.expect("saved");
        assert!(other.save(id).await.expect("saved") == saved);
    }
    until("the limit", || daemon.content.size() <= 3 * LAYER).await;
}

#[tokio::test]
async fn a_load_may_be_larger_than_the_whole_cache() {
    let scene = Scene::new().await;
    let daemon = scene.caching(1);
    for name in [DOCKER, ZSTD] {
        let id = daemon.loaded(fixture(name)).await;
        until("all of it goes", || daemon.content.size() <= 1).await;
        let other = scene.daemon();
        let saved = daemon.save(&id).await.expect("saved");
        assert!(other.save(&id).await.expect("saved") == saved);
        // Also with layers left out.
        let image = daemon.images.inspect(&id, None).await.expect("found").image;
        let layer = image.variants[0].layers[0].digest;
        let partial = without(&saved, |path| path.ends_with(&layer.hex()));
        assert_eq!(daemon.loaded(partial).await, id);
    }
}

#[tokio::test]
async fn the_sweeper_shrinks_the_cache_too() {
    let scene = Scene::new().await;
    let before = scene.daemon();
    let [a, b] = images(&before).await;
    used(&before, a.1, 1);
    used(&before, b.1, 2);
    let root = Arc::clone(&before.root);
    let daemon = scene.started(root, Some(scene.staging()), Some(LAYER));
    let swept = daemon.images.sweep(GRACE).await.expect("swept");
    assert_eq!(swept.blobs, 0, "they are somebody's");
    assert_eq!((daemon.has(a.1), daemon.has(b.1)), (false, true));
}
