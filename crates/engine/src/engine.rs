use std::sync::Arc;

use sockerless_archive::Limits;
use sockerless_content::ContentStore;
use sockerless_oci::Platform;
use sockerless_reference::{Reference, ReferenceError};
use sockerless_registry::Client;
use sockerless_state::StateStore;
use tokio::sync::{RwLock, Semaphore};

use crate::cache::Shrinking;
use crate::import::ImportConfig;
use crate::notices::NoticeBoard;
use crate::pins::Pins;
use crate::publish::Form;

/// The image backend. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) state: Arc<dyn StateStore>,
    pub(crate) content: ContentStore,
    pub(crate) registries: Client,
    /// The same registries, asked once: for what may as well be done later.
    pub(crate) registries_once: Client,
    /// Held for reading from just before a load's blobs are visible until they are recorded, and
    /// for writing by whoever removes blobs, who would take them for nobody's in between.
    pub(crate) recording: Arc<RwLock<()>>,
    /// Archives that may be read at once. Each has threads and buffers; further ones wait unread.
    pub(crate) loads: Arc<Semaphore>,
    /// Archives that may be written at once: each holds files and buffers.
    pub(crate) saves: Arc<Semaphore>,
    /// Blobs that something that runs will read.
    pub(crate) pins: Pins,
    pub(crate) shrinking: Arc<Shrinking>,
    pub(crate) notices: NoticeBoard,
}

/// How many archives are read at once: more than processors and disks can serve, and few enough that
/// clients who stall cannot take every thread.
pub(crate) const LOADS: usize = 32;

/// How many archives are written at once.
pub(crate) const SAVES: usize = 32;

/// What an engine is told once.
#[derive(Debug, Clone)]
pub struct Config {
    /// The platform that is taken of a multi-platform image.
    pub platform: Platform,
    /// What an archive may ask for.
    pub limits: Limits,
    /// Where loaded images are pushed before they exist here.
    pub staging: Option<StagingConfig>,
    /// How many bytes of blobs stay here at most. More is removed again, the least recently used
    /// first, as far as the staging repository can give it back. `None` for no limit.
    pub cache_size: Option<u64>,
    /// What an import may fetch.
    pub import: ImportConfig,
    /// How registries are reached.
    pub registry: sockerless_registry::Config,
}

/// Where and how loaded images are staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagingConfig {
    /// The one repository, without tag or digest.
    pub repository: Reference,
    /// What becomes of layers that came in another form.
    pub compression: StagingCompression,
    /// Push every platform of an image and its index, and not only the daemon's platform.
    pub all_platforms: bool,
    /// Push everything that an image consists of, so that a daemon that never had its bytes can
    /// give them back: every platform, and what cannot be made again of the pushed form.
    pub complete: bool,
}

/// What becomes of layers on their way to the staging registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StagingCompression {
    /// All gzip: what every runtime takes.
    #[default]
    Gzip,
    /// All zstd.
    Zstd,
    /// All uncompressed.
    None,
    /// Each as it came.
    Keep,
}

/// Why a text does not name a staging repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StagingError {
    /// It is no reference.
    #[error("{0:?} is not a repository: {1}")]
    Invalid(String, ReferenceError),
    /// It has a tag or digest.
    #[error("{0:?} must be a repository without a tag or digest: HOST/PATH")]
    Tagged(String),
}

impl StagingConfig {
    /// Staging in `repository` with default options.
    ///
    /// # Errors
    /// [`StagingError`] when the text is not a repository.
    pub fn new(repository: &str) -> Result<Self, StagingError> {
        let parsed = Reference::parse(repository)
            .map_err(|error| StagingError::Invalid(repository.to_owned(), error))?;
        if parsed.tag().is_some() || parsed.digest().is_some() {
            return Err(StagingError::Tagged(repository.to_owned()));
        }
        let compression = StagingCompression::default();
        Ok(Self {
            repository: parsed,
            compression,
            all_platforms: false,
            complete: false,
        })
    }
}

impl From<StagingCompression> for Form {
    fn from(compression: StagingCompression) -> Self {
        match compression {
            StagingCompression::Gzip => Self::Gzip,
            StagingCompression::Zstd => Self::Zstd,
            StagingCompression::None => Self::Plain,
            StagingCompression::Keep => Self::Keep,
        }
    }
}

impl Engine {
    /// An engine that keeps names in `state` and blobs in `content`.
    pub fn new(config: Config, state: Arc<dyn StateStore>, content: ContentStore) -> Self {
        let registries = Client::new(config.registry.clone());
        let mut once = config.registry.clone();
        once.retry.tries = 1;
        let registries_once = Client::new(once);
        Self {
            config: Arc::new(config),
            state,
            content,
            registries,
            registries_once,
            recording: Arc::default(),
            loads: Arc::new(Semaphore::new(LOADS)),
            saves: Arc::new(Semaphore::new(SAVES)),
            pins: Pins::default(),
            shrinking: Arc::default(),
            notices: NoticeBoard::default(),
        }
    }

    /// The platform that is taken of a multi-platform image.
    pub fn platform(&self) -> &Platform {
        &self.config.platform
    }

    /// Whether layers are kept, and not only verified.
    pub fn keeps_layers(&self) -> bool {
        self.content.keeps()
    }

    /// Whether loaded images are pushed to a staging registry.
    pub fn stages(&self) -> bool {
        self.config.staging.is_some()
    }
}
