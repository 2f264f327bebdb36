//! Staging, push and pull against a registry in the process.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use sockerless_content::ContentStore;
use sockerless_images::{
    ClientLimits, Config, Error, Images, ImportConfig, Kind, LayerStep, Limits, LoadOptions,
    Loaded, Platform, Progress, PullRequest, PushRequest, RegistryConfig, StagingConfig, Update,
};
use sockerless_registry::{DockerConfigFile, RetryPolicy};
use sockerless_state::SqliteStore;
use sockerless_testkit::registry::fake::{Action, FakeRegistry, Fault, Profile, Step};

const GZIP: &str = "skopeo-1.9-oci-archive-gzip-layers.tar";
const ZSTD: &str = "skopeo-1.9-oci-archive-zstd-layers.tar";
const DOCKER: &str = "docker-20.10-tagged.tar";

struct Scene {
    registry: FakeRegistry,
    images: Images,
    root: tempfile::TempDir,
}

impl Scene {
    async fn new(profile: Profile) -> Self {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::open(root.path()).expect("content");
        Self::with(profile, content, root).await
    }

    /// A backend that passes layers on and does not keep them.
    async fn transient() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::transient(root.path()).expect("content");
        Self::with(Profile::default(), content, root).await
    }

    async fn with(profile: Profile, content: ContentStore, root: tempfile::TempDir) -> Self {
        let registry = FakeRegistry::start(profile).await.expect("registry");
        let staging = format!("{}/staging", registry.host());
        let config = Config {
            platform: Platform {
                os: "linux".into(),
                architecture: "amd64".into(),
                ..Platform::default()
            },
            limits: Limits::default(),
            staging: Some(StagingConfig::new(&staging).expect("repository")),
            cache_size: None,
            clients: ClientLimits::default(),
            import: ImportConfig {
                max_download_bytes: 1 << 20,
                allow_local: true,
            },
            share_credentials: false,
            registry: RegistryConfig {
                docker_config: DockerConfigFile::Never,
                retry: RetryPolicy {
                    tries: 4,
                    base: Duration::from_millis(1),
                    cap: Duration::from_millis(5),
                },
                ..RegistryConfig::default()
            },
        };
        let state = SqliteStore::in_memory().await.expect("state");
        let images = Images::new(config, Arc::new(state), content);
        Self {
            registry,
            images,
            root,
        }
    }

    async fn load(&self, name: &str) -> Result<Loaded, Error> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let bytes = Bytes::from(std::fs::read(folder.join(name)).expect("fixture"));
        let body = stream::iter([Ok::<_, Infallible>(bytes)]);
        self.images
            .load(body, LoadOptions::default(), &Progress::none())
            .await
    }

    /// The manifest that was staged for the loaded image.
    fn staged(&self, loaded: &Loaded) -> (String, Value) {
        let [pullable] = loaded.images[0].repo_digests.as_slice() else {
            panic!("one repo digest: {loaded:?}")
        };
        let (repository, digest) = pullable.split_once('@').expect("a digest");
        assert_eq!(repository, format!("{}/staging", self.registry.host()));
        let (_, bytes) = self
            .registry
            .manifest("staging", digest)
            .expect("the manifest is there");
        assert_eq!(sockerless_images::Digest::of(&bytes).to_string(), digest);
        (
            digest.to_owned(),
            serde_json::from_slice(&bytes).expect("JSON"),
        )
    }

    async fn push(&self, name: &str) -> Result<Vec<Update>, Error> {
        let (progress, mut events) = Progress::channel();
        let request = PushRequest {
            name: name.to_owned(),
            ..PushRequest::default()
        };
        let pushed = self.images.push(request, &progress).await;
        drop(progress);
        let mut seen = Vec::new();
        while let Some(event) = events.recv().await {
            seen.push(event);
        }
        pushed.map(|()| seen)
    }

    async fn pull(&self, name: &str) -> Result<(), Error> {
        let request = PullRequest {
            from_image: name.to_owned(),
            ..PullRequest::default()
        };
        self.images.pull(request, &Progress::none()).await
    }
}

fn media_types(manifest: &Value) -> BTreeSet<&str> {
    let layers = manifest["layers"].as_array().expect("layers");
    layers
        .iter()
        .filter_map(|layer| layer["mediaType"].as_str())
        .collect()
}

const OCI_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

#[tokio::test]
async fn an_archive_that_has_the_form_keeps_its_manifest() {
    let scene = Scene::new(Profile::zot()).await;
    let loaded = scene.load(GZIP).await.expect("load");
    let (digest, _) = scene.staged(&loaded);
    assert_eq!(
        digest,
        "sha256:dac56865a0b13376292864ba5d7c6154651cf6b45bf741989f9eb328f7fca8a7"
    );
    let tag = format!("sha256-{}", digest.strip_prefix("sha256:").expect("sha256"));
    assert_eq!(scene.registry.tags("staging"), [tag]);
    let found = scene
        .images
        .inspect(&loaded.images[0].repo_digests[0], None)
        .await;
    assert_eq!(
        found.expect("found by what can be pulled").image.id,
        loaded.images[0].id
    );
}

#[tokio::test]
async fn others_become_gzip_layers_of_one_oci_manifest() {
    for archive in [DOCKER, ZSTD, "docker-29-containerd.tar"] {
        let scene = Scene::new(Profile::zot()).await;
        let loaded = scene.load(archive).await.expect("load");
        let (_, manifest) = scene.staged(&loaded);
        assert_eq!(
            media_types(&manifest),
            BTreeSet::from([OCI_GZIP]),
            "{archive}"
        );
        assert_eq!(
            manifest["config"]["digest"],
            loaded.images[0].id.to_string()
        );
        assert_eq!(
            manifest["mediaType"],
            "application/vnd.oci.image.manifest.v1+json"
        );
    }
}

#[tokio::test]
async fn the_same_again_sends_nothing() {
    for archive in [DOCKER, GZIP] {
        let scene = Scene::new(Profile::default()).await;
        scene.load(archive).await.expect("load");
        let sent = [Step::Begin, Step::Patch].map(|step| scene.registry.count(step));
        let again = scene.load(archive).await.expect("load again");
        scene.staged(&again);
        let after = [Step::Begin, Step::Patch].map(|step| scene.registry.count(step));
        assert_eq!(sent, after, "{archive}");
    }
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for fault in [
        Fault::status(Step::Patch, 503).times(2),
        Fault::new(Step::Patch, Action::CutRequest(10)),
        Fault::new(Step::Put, Action::LoseReply),
        Fault::status(Step::PutManifest, 500),
        Fault::status(Step::Begin, 429),
    ] {
        let scene = Scene::new(Profile::default()).await;
        scene.registry.inject(fault.clone());
        let loaded = scene
            .load(DOCKER)
            .await
            .unwrap_or_else(|e| panic!("{fault:?}: {e}"));
        scene.staged(&loaded);
    }
}

#[tokio::test]
async fn what_cannot_succeed_leaves_no_image() {
    for (step, status) in [
        (Step::Begin, 403),
        (Step::PutManifest, 400),
        (Step::Patch, 500),
    ] {
        let scene = Scene::new(Profile::default()).await;
        scene
            .registry
            .inject(Fault::status(step, status).times(1000));
        let error = scene.load(DOCKER).await.expect_err("cannot be staged");
        assert!(error.message().contains(&scene.registry.host()), "{error}");
        assert!(error.message().contains("staging"), "{error}");
        assert_eq!(scene.images.counts().await.expect("counts").images, 0);
        let blobs = std::fs::read_dir(scene.root.path().join("blobs/sha256")).expect("folder");
        assert_eq!(blobs.count(), 0);
        let ingest = std::fs::read_dir(scene.root.path().join("ingest")).expect("folder");
        assert_eq!(ingest.count(), 0);
    }
}

#[tokio::test]
async fn a_staged_image_without_its_bytes_can_be_pushed() {
    let scene = Scene::transient().await;
    scene.load(DOCKER).await.expect("load");
    let name = format!("{}/elsewhere:1", scene.registry.host());
    let (repository, tag) = name.rsplit_once(':').expect("tag");
    scene
        .images
        .tag("fixture/helper:x86_64-v18.1", repository, tag)
        .await
        .expect("tag");
    let events = scene.push(&name).await.expect("push");
    let pushed = events.iter().find_map(|event| match event {
        Update::Pushed { digest, tag, .. } => Some((*digest, tag.clone())),
        _ => None,
    });
    let (digest, tag) = pushed.expect("pushed");
    assert_eq!(tag, "1");
    let (_, bytes) = scene.registry.manifest("elsewhere", "1").expect("manifest");
    assert_eq!(sockerless_images::Digest::of(&bytes), digest);
    // Nothing was compressed again: the registry mounted its own blobs.
    assert!(events.iter().any(|event| matches!(
        event,
        Update::Layer { step: LayerStep::MountedFrom(from), .. } if from == "staging"
    )));
}

#[tokio::test]
async fn a_pushed_image_is_pulled_by_another_daemon_and_pushed_on() {
    let scene = Scene::new(Profile::default()).await;
    scene
        .load("podman-4.3-multi-platform-oci-archive.tar")
        .await
        .expect("load");
    let host = scene.registry.host();
    scene
        .images
        .tag("fixture/multi:1", &format!("{host}/multi"), "1")
        .await
        .expect("tag");
    scene.push(&format!("{host}/multi:1")).await.expect("push");
    let before = scene
        .images
        .inspect("fixture/multi:1", None)
        .await
        .expect("found");
    let (_, index) = scene.registry.manifest("multi", "1").expect("index");
    assert_eq!(sockerless_images::Digest::of(&index), before.image.target);

    let other = Scene::new(Profile::default()).await;
    other.pull(&format!("{host}/multi:1")).await.expect("pull");
    let after = other
        .images
        .inspect(&format!("{host}/multi:1"), None)
        .await
        .expect("found");
    assert_eq!(after.image.target, before.image.target);
    assert_eq!(after.image.id, before.image.id);
    assert_eq!(after.image.variants.len(), 1);
    assert_eq!(
        after.repo_digests[0].to_string(),
        format!("{host}/multi@{}", before.image.target)
    );

    // Its layers are fetched on the way to the next registry; only one platform is here.
    let onward = format!("{}/onward:2", other.registry.host());
    let (repository, tag) = onward.rsplit_once(':').expect("tag");
    other
        .images
        .tag(&format!("{host}/multi:1"), repository, tag)
        .await
        .expect("tag");
    let events = other.push(&onward).await.expect("push on");
    let instead_of = events.iter().find_map(|event| match event {
        Update::Pushed { instead_of, .. } => Some(*instead_of),
        _ => None,
    });
    assert_eq!(instead_of, Some(Some(before.image.target)));
    let (_, manifest) = other.registry.manifest("onward", "2").expect("manifest");
    let amd64 = before.image.variants[0].manifest;
    assert_eq!(sockerless_images::Digest::of(&manifest), amd64);
}

#[tokio::test]
async fn refusals_have_the_words_that_clients_know() {
    let scene = Scene::new(Profile::default()).await;
    let host = scene.registry.host();
    let error = scene
        .pull(&format!("{host}/nosuch:1"))
        .await
        .expect_err("no image");
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(
        error.message(),
        format!(
            "pull access denied for {host}/nosuch, repository does not exist or may require \
             'docker login': name unknown: repository name not known to registry"
        )
    );
    scene.registry.create_repository("here");
    let error = scene.pull(&format!("{host}/here:1")).await;
    assert_eq!(
        error.expect_err("no manifest").message(),
        format!("manifest for {host}/here:1 not found: manifest unknown: manifest unknown")
    );
    let error = scene.pull("scratch").await.expect_err("reserved");
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Forbidden, "'scratch' is a reserved name")
    );
    let error = scene
        .push(&format!("{host}/nosuch"))
        .await
        .expect_err("no image");
    assert_eq!(
        error.message(),
        format!("An image does not exist locally with the tag: {host}/nosuch")
    );
    let loaded = scene.load(DOCKER).await.expect("load");
    let id = loaded.images[0].id.to_string();
    let here = format!("{host}/here");
    scene.images.tag(&id, &here, "1").await.expect("tag");
    for (name, message) in [
        (
            "nosuch:1",
            "An image does not exist locally with the tag: {host}/nosuch",
        ),
        ("here:2", "tag does not exist: {host}/here:2"),
    ] {
        let error = scene.push(&format!("{host}/{name}")).await;
        let error = error.expect_err("no such tag");
        assert_eq!(error.message(), message.replace("{host}", &host));
    }
}

#[tokio::test]
async fn layers_go_up_while_the_archive_arrives() {
    for archive in [DOCKER, GZIP] {
        let scene = Scene::new(Profile::default()).await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let bytes = Bytes::from(std::fs::read(folder.join(archive)).expect("fixture"));
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let body = Box::pin(stream::unfold(receiver, |mut receiver| async {
            receiver
                .recv()
                .await
                .map(|chunk: Bytes| (Ok::<_, Infallible>(chunk), receiver))
        }));
        let images = scene.images.clone();
        let loading = tokio::spawn(async move {
            images
                .load(body, LoadOptions::default(), &Progress::none())
                .await
        });
        let most = bytes.len() - 1024;
        sender
            .send(bytes.slice(..most))
            .await
            .expect("still reading");
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while scene.registry.blob_count("staging") < 4 {
            assert!(
                std::time::Instant::now() < deadline,
                "{archive}: nothing went up"
            );
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.registry.count(Step::PutManifest), 0);
        sender
            .send(bytes.slice(most..))
            .await
            .expect("still reading");
        drop(sender);
        let loaded = loading.await.expect("ended").expect("load");
        scene.staged(&loaded);
        assert_eq!(
            scene.registry.count(Step::Patch),
            5,
            "{archive}: four layers and a config"
        );
    }
}
