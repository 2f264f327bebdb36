use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use sockerless_containers::Containers;
use sockerless_content::ContentStore;
use sockerless_images::{
    ClientLimits, Config, Digest, Error, Images, ImportConfig, ImportRequest, Limits, LoadOptions,
    Loaded, Platform, Progress, PushRequest, RegistryConfig, RemoveRequest, SaveRequest,
    StagingConfig, Update,
};
use sockerless_registry::{DockerConfigFile, RetryPolicy};
use sockerless_state::{SqliteStore, StateStore};
use sockerless_testkit::registry::fake::{FakeRegistry, Profile};
use tempfile::TempDir;

pub(crate) const DOCKER: &str = "docker-20.10-tagged.tar";
pub(crate) const GZIP: &str = "skopeo-1.9-oci-archive-gzip-layers.tar";
pub(crate) const ZSTD: &str = "skopeo-1.9-oci-archive-zstd-layers.tar";
pub(crate) const INDEX: &str = "podman-4.3-multi-platform-oci-archive.tar";

/// What all daemons share.
pub(crate) struct Scene {
    pub(crate) registry: FakeRegistry,
    state: Arc<dyn StateStore>,
}

/// One of the daemons, with its own folder.
pub(crate) struct Daemon {
    pub(crate) images: Images,
    pub(crate) containers: Containers,
    pub(crate) content: ContentStore,
    pub(crate) root: Arc<TempDir>,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let registry = FakeRegistry::start(Profile::default()).await;
        let state = SqliteStore::in_memory().await.expect("state");
        Self {
            registry: registry.expect("registry"),
            state: Arc::new(state),
        }
    }

    pub(crate) fn staging(&self) -> StagingConfig {
        let repository = format!("{}/staging", self.registry.host());
        StagingConfig {
            complete: true,
            ..StagingConfig::new(&repository).expect("repository")
        }
    }

    /// A daemon with the default configuration.
    pub(crate) fn daemon(&self) -> Daemon {
        self.daemon_with(Some(self.staging()), None)
    }

    /// A daemon with a limit on the bytes in its folder.
    pub(crate) fn caching(&self, cache_size: u64) -> Daemon {
        self.daemon_with(Some(self.staging()), Some(cache_size))
    }

    pub(crate) fn daemon_with(
        &self,
        staging: Option<StagingConfig>,
        cache_size: Option<u64>,
    ) -> Daemon {
        let root = Arc::new(tempfile::tempdir().expect("folder"));
        self.started(root, staging, cache_size)
    }

    /// A daemon that starts with an existing folder.
    pub(crate) fn started(
        &self,
        root: Arc<TempDir>,
        staging: Option<StagingConfig>,
        cache_size: Option<u64>,
    ) -> Daemon {
        let content = ContentStore::open(root.path()).expect("content");
        let config = Config {
            platform: linux("amd64"),
            limits: Limits::default(),
            staging,
            cache_size,
            clients: ClientLimits::default(),
            import: ImportConfig {
                max_download_bytes: 0,
                allow_local: false,
            },
            share_credentials: false,
            registry: RegistryConfig {
                docker_config: DockerConfigFile::Never,
                retry: RetryPolicy {
                    tries: 2,
                    base: Duration::from_millis(1),
                    cap: Duration::from_millis(5),
                },
                ..RegistryConfig::default()
            },
        };
        let images = Images::new(config, Arc::clone(&self.state), content.clone());
        let containers = Containers::new(images.clone(), Arc::clone(&self.state));
        Daemon {
            images,
            containers,
            content,
            root,
        }
    }
}

impl Daemon {
    pub(crate) async fn load(&self, bytes: Bytes) -> Result<Loaded, Error> {
        let body = stream::iter([Ok::<_, Infallible>(bytes)]);
        self.images
            .load(body, LoadOptions::default(), &Progress::none())
            .await
    }

    /// Loads an archive; returns the ID of its first image.
    pub(crate) async fn loaded(&self, bytes: Bytes) -> String {
        let loaded = self.load(bytes).await.expect("loaded");
        loaded.images[0].id.to_string()
    }

    /// Imports an image of one layer with a file of so many bytes; returns its ID and the layer's
    /// digest.
    pub(crate) async fn import(&self, size: usize, seed: u8) -> (String, Digest) {
        let tar = tar_of(&noise(size, seed));
        let layer = Digest::of(&tar);
        let body = stream::iter([Ok::<_, Infallible>(tar)]);
        let id = self.images.import(body, ImportRequest::default()).await;
        (id.expect("imported").id.to_string(), layer)
    }

    pub(crate) async fn begin_save(
        &self,
        name: &str,
        platforms: Vec<Platform>,
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + Send + use<>, Error> {
        let names = vec![name.to_owned()];
        self.images.save(SaveRequest { names, platforms }).await
    }

    /// The archive, or the error that ended it.
    pub(crate) async fn save(&self, name: &str) -> Result<Vec<u8>, Error> {
        let mut stream = std::pin::pin!(self.begin_save(name, Vec::new()).await?);
        let mut archive = Vec::new();
        while let Some(piece) = stream.next().await {
            archive.extend_from_slice(&piece?);
        }
        Ok(archive)
    }

    /// Gives an image another name in the registry and pushes it; returns its digest there.
    pub(crate) async fn push(&self, id: &str, repository: &str) -> Result<Digest, Error> {
        self.images.tag(id, repository, "1").await?;
        let (progress, mut events) = Progress::channel();
        let request = PushRequest {
            name: repository.to_owned(),
            tag: "1".to_owned(),
            ..PushRequest::default()
        };
        let collect = async {
            let mut pushed = None;
            while let Some(event) = events.recv().await {
                if let Update::Pushed { digest, .. } = event {
                    pushed = Some(digest);
                }
            }
            pushed
        };
        let push = async {
            let pushed = self.images.push(request, &progress).await;
            drop(progress);
            pushed
        };
        let (pushed, digest) = tokio::join!(push, collect);
        pushed.map(|()| digest.expect("it was told"))
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), Error> {
        let request = RemoveRequest {
            name: name.to_owned(),
            force: true,
            platforms: Vec::new(),
        };
        self.images.remove(request).await.map(drop)
    }

    pub(crate) fn path(&self, digest: Digest) -> PathBuf {
        self.root.path().join("blobs/sha256").join(digest.hex())
    }

    pub(crate) fn has(&self, digest: Digest) -> bool {
        self.path(digest).exists()
    }

    /// How many blobs are on its disk.
    pub(crate) fn blobs(&self) -> usize {
        files(&self.root.path().join("blobs/sha256"))
    }

    /// How many blobs it is writing.
    pub(crate) fn unfinished(&self) -> usize {
        files(&self.root.path().join("ingest"))
    }
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("folder").count()
}

/// Waits for something that others do.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::task::yield_now().await;
    }
}

pub(crate) fn linux(architecture: &str) -> Platform {
    Platform {
        os: "linux".into(),
        architecture: architecture.into(),
        ..Platform::default()
    }
}

pub(crate) fn fixture(name: &str) -> Bytes {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    std::fs::read(folder.join(name)).expect("fixture").into()
}

/// Bytes that do not compress, others for every seed.
pub(crate) fn noise(size: usize, seed: u8) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..size).map(|_| next()).collect()
}

/// A file system of one file.
pub(crate) fn tar_of(file: &[u8]) -> Bytes {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(file.len() as u64);
    builder
        .append_data(&mut header, "file", file)
        .expect("added");
    builder.into_inner().expect("a tar").into()
}

/// The archive without the members that `leave` names.
pub(crate) fn without(archive: &[u8], leave: impl Fn(&str) -> bool) -> Bytes {
    let mut archive = tar::Archive::new(archive);
    let mut builder = tar::Builder::new(Vec::new());
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("entry");
        let path = entry.path().expect("path").to_string_lossy().into_owned();
        if !leave(&path) {
            let mut header = entry.header().clone();
            builder
                .append_data(&mut header, path, &mut entry)
                .expect("added");
        }
    }
    builder.into_inner().expect("a tar").into()
}
