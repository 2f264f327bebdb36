use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use sockerless_containers::{Containers, CreateContainer};
use sockerless_content::ContentStore;
use sockerless_images::{
    ClientLimits, Config, Error, Images, ImportConfig, ImportRequest, Limits, LoadOptions, Loaded,
    Platform, Progress, RegistryConfig, RemoveRequest, RemovedItem, RunConfig, SaveRequest,
    StagingConfig,
};
use sockerless_state::SqliteStore;
use sockerless_testkit::registry::fake::{FakeRegistry, Profile};

pub(crate) const DOCKER: &str = "docker-20.10-tagged.tar";
pub(crate) const OCI: &str = "skopeo-1.9-oci-archive-gzip-layers.tar";
pub(crate) const INDEX: &str = "podman-4.3-multi-platform-oci-archive.tar";

/// An image backend with everything it needs.
pub(crate) struct Scene {
    pub(crate) images: Images,
    pub(crate) registry: Option<FakeRegistry>,
    pub(crate) state: Arc<SqliteStore>,
    root: tempfile::TempDir,
}

impl Scene {
    /// Layers are kept in a folder.
    pub(crate) async fn keeping() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::open(root.path()).expect("content");
        Self::with(content, root, None).await
    }

    /// Layers are verified and dropped.
    pub(crate) async fn discarding() -> Self {
        let root = tempfile::tempdir().expect("folder");
        Self::with(ContentStore::discarding(), root, None).await
    }

    /// Layers are kept in a folder, and images staged.
    pub(crate) async fn staging() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::open(root.path()).expect("content");
        let registry = FakeRegistry::start(Profile::default()).await;
        Self::with(content, root, Some(registry.expect("registry"))).await
    }

    /// Layers are staged and dropped.
    pub(crate) async fn passing_on() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::transient(root.path()).expect("content");
        let registry = FakeRegistry::start(Profile::default()).await;
        Self::with(content, root, Some(registry.expect("registry"))).await
    }

    async fn with(
        content: ContentStore,
        root: tempfile::TempDir,
        registry: Option<FakeRegistry>,
    ) -> Self {
        let staging = registry.as_ref().map(|registry| {
            let repository = format!("{}/staging", registry.host());
            StagingConfig::new(&repository).expect("repository")
        });
        let config = Config {
            platform: linux("amd64"),
            limits: Limits::default(),
            staging,
            cache_size: None,
            clients: ClientLimits::default(),
            import: ImportConfig {
                max_download_bytes: 1 << 20,
                allow_local: true,
            },
            share_credentials: false,
            registry: RegistryConfig {
                docker_config: sockerless_registry::DockerConfigFile::Never,
                ..RegistryConfig::default()
            },
        };
        let state = Arc::new(SqliteStore::in_memory().await.expect("state"));
        Self {
            images: Images::new(config, Arc::clone(&state) as _, content),
            registry,
            state,
            root,
        }
    }

    /// How many blobs are on the disk.
    pub(crate) fn blobs(&self) -> usize {
        let blobs = std::fs::read_dir(self.root.path().join("blobs/sha256"));
        blobs.expect("folder").count()
    }

    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.root.path().join("blobs/sha256").join(hex)
    }

    pub(crate) async fn load(&self, fixture: &str) -> Loaded {
        self.load_bytes(read(fixture)).await.expect("load")
    }

    pub(crate) async fn load_bytes(&self, bytes: Bytes) -> Result<Loaded, Error> {
        let body = stream::iter([Ok::<_, Infallible>(bytes)]);
        self.images
            .load(body, LoadOptions::default(), &Progress::none())
            .await
    }

    pub(crate) async fn import(
        &self,
        bytes: impl Into<Bytes>,
        request: ImportRequest,
    ) -> Result<String, Error> {
        let body = stream::iter([Ok::<_, Infallible>(bytes.into())]);
        let imported = self.images.import(body, request).await?;
        Ok(imported.id.to_string())
    }

    pub(crate) async fn remove(&self, name: &str, force: bool) -> Result<Vec<RemovedItem>, Error> {
        let request = RemoveRequest {
            name: name.to_owned(),
            force,
            platforms: Vec::new(),
        };
        self.images.remove(request).await
    }

    /// The archive, or the error that ended it.
    pub(crate) async fn save(&self, names: &[&str]) -> Result<Vec<u8>, Error> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let request = SaveRequest {
            names,
            platforms: Vec::new(),
        };
        self.save_with(request).await
    }

    pub(crate) async fn save_with(&self, request: SaveRequest) -> Result<Vec<u8>, Error> {
        let stream = self.images.save(request).await?;
        let mut stream = std::pin::pin!(stream);
        let mut archive = Vec::new();
        while let Some(piece) = stream.next().await {
            archive.extend_from_slice(&piece?);
        }
        Ok(archive)
    }

    pub(crate) fn containers(&self) -> Containers {
        Containers::new(self.images.clone(), Arc::clone(&self.state) as _)
    }

    /// Creates a container of the image; returns its ID.
    pub(crate) async fn container(&self, image: &str) -> String {
        let request = CreateContainer {
            image: image.to_owned(),
            run: RunConfig {
                cmd: Some(vec!["true".to_owned()]),
                ..RunConfig::default()
            },
            ..CreateContainer::default()
        };
        let created = self.containers().create(request).await;
        created.expect("container").id
    }
}

pub(crate) fn linux(architecture: &str) -> Platform {
    Platform {
        os: "linux".into(),
        architecture: architecture.into(),
        ..Platform::default()
    }
}

pub(crate) fn read(fixture: &str) -> Bytes {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    std::fs::read(folder.join(fixture)).expect("fixture").into()
}

/// The members of a tar, by name.
pub(crate) fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().expect("entries").map(|entry| {
        let mut entry = entry.expect("entry");
        let name = entry.path().expect("path").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).expect("member");
        (name, bytes)
    });
    entries.collect()
}
