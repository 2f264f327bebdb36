use std::sync::Arc;

use sockerless_images::Kind;
use tokio::task::JoinSet;

use crate::scene::{DOCKER, Scene, fixture, without};

const FIRST: &str = "fixture/helper:x86_64-v18.1";

/// One loads an image whose layers only the state and the registry know, others remove it: in the
/// end it is complete or not there at all.
#[tokio::test]
async fn a_load_and_the_removals_of_others_do_not_hurt_each_other() {
    for cache_size in [None, Some(0)] {
        let scene = Scene::new().await;
        let first = scene.daemon();
        let id = first.loaded(fixture(DOCKER)).await;
        let image = first.images.inspect(&id, None).await.expect("found").image;
        let layer = image.variants[0].layers[0].digest;
        let whole = first.save(FIRST).await.expect("saved");
        let partial = without(&whole, |path| path.ends_with(&layer.hex()));

        let daemons: Vec<_> = (0..3)
            .map(|_| Arc::new(scene.daemon_with(Some(scene.staging()), cache_size)))
            .collect();
        let mut tasks = JoinSet::new();
        for (index, daemon) in daemons.iter().enumerate() {
            let (loads, removals) = (Arc::clone(daemon), Arc::clone(daemon));
            let (partial, id) = (partial.clone(), id.clone());
            let archive = match index {
                0 => fixture(DOCKER),
                _ => partial,
            };
            tasks.spawn(async move {
                for _ in 0..8 {
                    match loads.load(archive.clone()).await {
                        Ok(_) => {}
                        Err(error) => {
                            let message = error.message();
                            assert!(message.contains("no verified layer"), "{error}");
                        }
                    }
                }
            });
            tasks.spawn(async move {
                for _ in 0..8 {
                    match removals.remove(&id).await {
                        Ok(()) => {}
                        Err(error) => assert_eq!(error.kind(), Kind::NotFound, "{error}"),
                    }
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("no panic");
        }
        daemons[0]
            .loaded(partial_or_whole(&daemons[0], &partial).await)
            .await;
        for daemon in &daemons {
            assert!(daemon.save(FIRST).await.expect("whole") == whole);
        }
    }
}

/// The archive without a layer, if that layer is still known.
async fn partial_or_whole(daemon: &crate::scene::Daemon, partial: &bytes::Bytes) -> bytes::Bytes {
    match daemon.images.inspect(FIRST, None).await {
        Ok(_) => partial.clone(),
        Err(_) => fixture(DOCKER),
    }
}
