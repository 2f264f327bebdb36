//! Tests of removals that are interrupted.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use sockerless_content::ContentStore;
use sockerless_oci::Platform;
use sockerless_state::SqliteStore;

use super::*;
use crate::{ClientLimits, Config, ImportConfig, ImportRequest, Limits, RegistryConfig};

/// A backend that keeps layers, and the ID of an image of one layer in it.
async fn engine(root: &Path) -> (Images, String) {
    let config = Config {
        platform: Platform::default(),
        limits: Limits::default(),
        staging: None,
        cache_size: None,
        clients: ClientLimits::default(),
        import: ImportConfig {
            max_download_bytes: 0,
            allow_local: false,
        },
        share_credentials: false,
        registry: RegistryConfig::default(),
    };
    let state = SqliteStore::in_memory().await.expect("state");
    let content = ContentStore::open(root).expect("content");
    let images = Images::new(config, Arc::new(state), content);
    let tar = stream::iter([Ok::<_, Infallible>(Bytes::from_static(&[0; 1024]))]);
    let id = images.import(tar, ImportRequest::default()).await;
    (images, id.expect("imported").id.to_string())
}

fn blobs(root: &Path) -> usize {
    let blobs = std::fs::read_dir(root.join("blobs/sha256"));
    blobs.expect("folder").count()
}

#[tokio::test]
async fn a_client_that_leaves_leaves_no_blob_behind() {
    let root = tempfile::tempdir().expect("folder");
    let (images, name) = engine(root.path()).await;
    assert_eq!(blobs(root.path()), 1);
    // While something is being recorded no blob is removed, so the removal waits halfway.
    let recording = images.retention.recording().await;
    let request = RemoveRequest {
        name: name.clone(),
        ..RemoveRequest::default()
    };
    let removing = tokio::spawn({
        let images = images.clone();
        async move { images.remove(request).await }
    });
    let ended = tokio::time::timeout(Duration::from_secs(60), async {
        while images.inspect(&name, None).await.is_ok() {
            tokio::task::yield_now().await;
        }
        removing.abort();
        assert!(removing.await.expect_err("the client left").is_cancelled());
        drop(recording);
        while blobs(root.path()) > 0 {
            tokio::task::yield_now().await;
        }
    });
    ended.await.expect("the blob goes with its image");
}
