use std::sync::Arc;

use sockerless_archive::Limits;
use sockerless_content::ContentStore;
use sockerless_state::{Platform, StateStore};
use tokio::sync::RwLock;

/// The image backend. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) state: Arc<dyn StateStore>,
    pub(crate) content: ContentStore,
    /// Held for reading from the moment a load's blobs are visible until they are recorded, and
    /// for writing by the sweeper, which would take them for nobody's in between.
    pub(crate) recording: Arc<RwLock<()>>,
}

/// What an engine is told once.
#[derive(Debug, Clone)]
pub struct Config {
    /// The platform that is taken of a multi-platform image.
    pub platform: Platform,
    /// What an archive may ask for.
    pub limits: Limits,
}

impl Engine {
    /// An engine that keeps names in `state` and blobs in `content`.
    pub fn new(config: Config, state: Arc<dyn StateStore>, content: ContentStore) -> Self {
        Self {
            config: Arc::new(config),
            state,
            content,
            recording: Arc::default(),
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
}
