//! Real archives: a store in memory or in a file, blobs in a folder.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use sockerless_content::ContentStore;
use sockerless_images::{
    ClientLimits, Config, Error, Images, ImportConfig, Kind, Limits, LoadOptions, Loaded, Platform,
    Progress, RegistryConfig,
};
use sockerless_state::SqliteStore;

fn fixture(name: &str) -> Bytes {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    std::fs::read(folder.join(name)).expect("fixture").into()
}

fn linux(architecture: &str) -> Platform {
    Platform {
        os: "linux".into(),
        architecture: architecture.into(),
        ..Platform::default()
    }
}

async fn engine(content: ContentStore) -> Images {
    let config = Config {
        platform: linux("amd64"),
        limits: Limits::default(),
        staging: None,
        cache_size: None,
        clients: ClientLimits::default(),
        import: ImportConfig {
            max_download_bytes: 1 << 20,
            allow_local: true,
        },
        share_credentials: false,
        registry: RegistryConfig::default(),
    };
    let state = SqliteStore::in_memory().await.expect("state");
    Images::new(config, Arc::new(state), content)
}

async fn load(images: &Images, bytes: Bytes) -> Result<Loaded, Error> {
    let body = stream::iter([Ok::<_, Infallible>(bytes)]);
    images
        .load(body, LoadOptions::default(), &Progress::none())
        .await
}

/// The tar without the entries that `keep` rejects.
fn without(bytes: &[u8], keep: impl Fn(&str) -> bool) -> Bytes {
    let mut archive = tar::Archive::new(bytes);
    let mut builder = tar::Builder::new(Vec::new());
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("entry");
        let path = entry.path().expect("path").to_string_lossy().into_owned();
        if keep(&path) {
            let mut header = entry.header().clone();
            builder
                .append_data(&mut header, path, &mut entry)
                .expect("append");
        }
    }
    builder.into_inner().expect("tar").into()
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("folder").count()
}

#[tokio::test]
async fn two_manifests_of_one_image_keep_their_names_apart() {
    let images = engine(ContentStore::discarding()).await;
    let id = "sha256:36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd";
    for name in ["gzip", "zstd"] {
        let archive = format!("skopeo-1.9-oci-archive-{name}-layers.tar");
        let loaded = load(&images, fixture(&archive)).await.expect("load");
        assert_eq!(loaded.images[0].id.to_string(), id);
        assert_eq!(loaded.images[0].new_layers.len(), 4);
    }
    let gzip = "sha256:dac56865a0b13376292864ba5d7c6154651cf6b45bf741989f9eb328f7fca8a7";
    images
        .tag(gzip, "by/gzip", "")
        .await
        .expect("tag by manifest digest");
    let found = images.inspect("by/gzip", None).await.expect("found");
    assert_eq!(found.image.target.to_string(), gzip);
    assert_eq!(images.counts().await.expect("counts").images, 1);
}

#[tokio::test]
async fn a_layer_that_is_left_out_is_taken_from_here_or_missed() {
    let root = tempfile::tempdir().unwrap();
    let images = engine(ContentStore::open(root.path()).unwrap()).await;
    let whole = fixture("docker-29-graphdriver.tar");
    let layer = "e08ed0434edd5e4691836e63d0f96b30969f234e76bdb57f501252f6353af2bc";
    let partial = without(&whole, |path| !path.ends_with(layer));

    let error = load(&images, partial.clone())
        .await
        .expect_err("unknown layer");
    assert_eq!(error.kind(), Kind::Internal);
    let message = format!(
        "layer 0 (\"blobs/sha256/{layer}\") is not in the archive, and no verified layer with \
         diff_id sha256:{layer} is here"
    );
    assert_eq!(error.message(), message);
    assert_eq!(files(&root.path().join("blobs/sha256")), 0);
    assert_eq!(files(&root.path().join("ingest")), 0);

    load(&images, whole.clone()).await.expect("whole");
    let loaded = load(&images, partial.clone()).await.expect("known layer");
    assert_eq!(loaded.images[0].new_layers, []);

    // One that was damaged on disk since is not used.
    std::fs::write(root.path().join("blobs/sha256").join(layer), b"damage").unwrap();
    assert_eq!(
        load(&images, partial).await.expect_err("damaged").message(),
        message
    );
    load(&images, whole).await.expect("heals");
}

#[tokio::test]
async fn the_sweeper_takes_what_no_image_needs() {
    let root = tempfile::tempdir().unwrap();
    let content = ContentStore::open(root.path()).unwrap();
    let images = engine(content.clone()).await;
    load(&images, fixture("docker-20.10-tagged.tar"))
        .await
        .expect("load");
    let blobs = root.path().join("blobs/sha256");
    assert_eq!(files(&blobs), 4);
    let mut writer = content.writer(None);
    writer.write(&b"nobody's"[..]).unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing else uses the store here"
    )]
    content.commit([writer.finish().unwrap()]).unwrap();

    let spared = images
        .sweep(Duration::from_secs(3600))
        .await
        .expect("sweep");
    assert_eq!((spared.blobs, files(&blobs)), (0, 5));
    let swept = images.sweep(Duration::ZERO).await.expect("sweep");
    assert_eq!((swept.blobs, swept.bytes, files(&blobs)), (1, 8, 4));
}

#[tokio::test]
async fn a_load_that_is_dropped_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let images = engine(ContentStore::open(root.path()).unwrap()).await;
    let bytes = fixture("docker-20.10-tagged.tar");
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let body = Box::pin(stream::unfold(receiver, |mut receiver| async {
        receiver
            .recv()
            .await
            .map(|chunk| (Ok::<Bytes, Infallible>(chunk), receiver))
    }));
    let loading = tokio::spawn({
        let images = images.clone();
        async move {
            images
                .load(body, LoadOptions::default(), &Progress::none())
                .await
        }
    });
    for chunk in bytes.chunks(10_000).take(4) {
        sender
            .send(Bytes::copy_from_slice(chunk))
            .await
            .expect("still reading");
    }
    loading.abort();
    assert!(loading.await.expect_err("aborted").is_cancelled());
    // The reading thread ends and removes what it wrote.
    let ingest = root.path().join("ingest");
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while files(&ingest) > 0 {
        assert!(
            std::time::Instant::now() < deadline,
            "unfinished blobs stay"
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(files(&root.path().join("blobs/sha256")), 0);
    assert_eq!(images.counts().await.expect("counts").images, 0);
}

#[tokio::test]
async fn a_variant_is_found_by_platform_and_by_digest() {
    let images = engine(ContentStore::discarding()).await;
    let archive = fixture("podman-4.3-multi-platform-oci-archive.tar");
    load(&images, archive).await.expect("load");
    let amd64 = images
        .inspect("fixture/multi:1", None)
        .await
        .expect("default");
    let wanted = linux("arm64");
    let arm64 = images
        .inspect("fixture/multi:1", Some(&wanted))
        .await
        .expect("arm64");
    assert_eq!(amd64.image.target, arm64.image.target);
    assert_eq!(
        arm64.image.variants[arm64.variant].platform.architecture,
        "arm64"
    );
    let config = arm64.image.variants[arm64.variant].config.to_string();
    let by_digest = images
        .inspect(&config, None)
        .await
        .expect("by config digest");
    assert_eq!(by_digest, arm64);
    let error = images
        .inspect("fixture/multi:1", Some(&linux("s390x")))
        .await
        .expect_err("none");
    assert_eq!(
        error.message(),
        "image with reference fixture/multi:1 was found but its platform (linux/amd64) does not \
         match the specified platform (linux/s390x)"
    );
}

#[tokio::test]
async fn names_that_cannot_be_given_or_found() {
    let images = engine(ContentStore::discarding()).await;
    load(&images, fixture("docker-20.10-tagged.tar"))
        .await
        .expect("load");
    for (source, repository, tag, kind, message) in [
        (
            "nosuch",
            "x",
            "",
            Kind::NotFound,
            "No such image: nosuch:latest",
        ),
        ("No/Such", "x", "", Kind::NotFound, "No such image: No/Such"),
        (
            "b33d",
            "X",
            "",
            Kind::InvalidParameter,
            "invalid reference format: repository name (library/X) must be lowercase",
        ),
        (
            "b33d",
            "x",
            "-",
            Kind::InvalidParameter,
            "invalid tag format",
        ),
    ] {
        let error = images.tag(source, repository, tag).await.expect_err(source);
        assert_eq!((error.kind(), error.message()), (kind, message));
    }
    images
        .tag("b33d", "localhost:5000/a/b", "c")
        .await
        .expect("short ID");
    let found = images
        .inspect("localhost:5000/a/b:c", None)
        .await
        .expect("new name");
    assert_eq!(found.names.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_more_is_given_up() {
    let images = engine(ContentStore::discarding()).await;
    let bytes = fixture("docker-20.10-tagged.tar");
    let stalled = Box::pin(stream::unfold(Some(bytes.slice(..9000)), |chunk| async {
        match chunk {
            Some(chunk) => Some((Ok::<_, Infallible>(chunk), None)),
            None => std::future::pending().await,
        }
    }));
    let loading = tokio::spawn(async move {
        let progress = Progress::none();
        images
            .load(stalled, LoadOptions::default(), &progress)
            .await
    });
    // The clock stands still while the reading thread waits, so it is moved by hand.
    while !loading.is_finished() {
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    let error = loading.await.expect("ended").expect_err("no more came");
    assert_eq!(error.kind(), Kind::InvalidParameter);
    assert!(error.message().contains("--client-timeout"), "{error}");
}
