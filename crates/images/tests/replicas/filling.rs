use futures_util::StreamExt;
use sockerless_images::Kind;
use sockerless_testkit::registry::fake::{Action, Fault, Step};

use crate::scene::{DOCKER, GZIP, Scene, ZSTD, fixture, until, without};

#[tokio::test]
async fn what_is_fetched_is_kept_where_the_folder_is_a_cache() {
    for name in [DOCKER, GZIP, ZSTD] {
        let scene = Scene::new().await;
        let (a, b) = (scene.daemon(), scene.caching(1 << 30));
        let id = a.loaded(fixture(name)).await;
        let saved = a.save(&id).await.expect("saved");
        assert!(b.save(&id).await.expect("saved") == saved, "{name}");
        assert_eq!((b.blobs(), b.unfinished()), (a.blobs(), 0), "{name}");
        assert_eq!(b.content.size(), a.content.size(), "{name}");
        let fetched = scene.registry.count(Step::GetBlob);
        assert!(b.save(&id).await.expect("saved") == saved, "{name}");
        assert_eq!(scene.registry.count(Step::GetBlob), fetched, "{name}");
        for layer in &b
            .images
            .inspect(&id, None)
            .await
            .expect("found")
            .image
            .variants[0]
            .layers
        {
            b.content.verify(layer.digest).expect("whole");
        }
    }
}

#[tokio::test]
async fn what_is_larger_than_the_cache_passes_by() {
    let scene = Scene::new().await;
    let (a, b) = (scene.daemon(), scene.caching(10_000));
    let (large, _) = a.import(20_000, 1).await;
    let (small, layer) = a.import(5000, 2).await;
    for id in [&large, &small] {
        let saved = a.save(id).await.expect("saved");
        assert!(b.save(id).await.expect("saved") == saved);
    }
    assert_eq!(b.blobs(), 1);
    assert!(b.has(layer));
}

#[tokio::test]
async fn what_a_registry_corrupts_is_told_and_not_kept() {
    for name in [DOCKER, GZIP] {
        let scene = Scene::new().await;
        let (a, b) = (scene.daemon(), scene.caching(1 << 30));
        let id = a.loaded(fixture(name)).await;
        let image = a.images.inspect(&id, None).await.expect("found").image;
        let layer = image.variants[0].layers[0].digest;
        let saved = a.save(&id).await.expect("saved");
        let partial = without(&saved, |path| path.ends_with(&layer.hex()));
        for action in [Action::Corrupt, Action::Truncate(50)] {
            let fault = Fault::new(Step::GetBlob, action).times(10_000);
            scene.registry.inject(fault);
            let error = b.save(&id).await.expect_err("other bytes");
            assert_eq!(error.kind(), Kind::Internal, "{error}");
            assert!(error.message().contains(&scene.registry.host()), "{error}");
            let error = b.load(partial.clone()).await.expect_err("other bytes");
            assert!(error.message().contains("sha256:"), "{error}");
            assert_eq!((b.blobs(), b.unfinished()), (0, 0), "{name}");
            scene.registry.clear_faults();
        }
        b.load(partial).await.expect("it was the registry");
        assert!(b.save(&id).await.expect("saved") == saved, "{name}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_leaves_nothing_half_kept() {
    let scene = Scene::new().await;
    let (a, b) = (scene.daemon(), scene.caching(1 << 30));
    let (id, layer) = a.import(8 << 20, 1).await;
    let mut stream = Box::pin(b.begin_save(&id, Vec::new()).await.expect("begun"));
    while stream.next().await.expect("a piece").expect("whole").len() < 1 << 14 {}
    assert_eq!(b.unfinished(), 1);
    drop(stream);
    until("it is dropped", || b.unfinished() == 0).await;
    assert!(!b.has(layer));
    assert!(b.save(&id).await.expect("saved") == a.save(&id).await.expect("saved"));
}
