//! The handle of the frontend and its configuration.

use std::sync::Arc;

use sockerless_containers::Containers;
use sockerless_images::{Images, Platform};
use tokio::sync::Semaphore;

use crate::connection::{ConnectionLimits, Crowd};
use crate::events::Texts;
use crate::images::LoadResult;
use crate::system::Machine;

/// The configuration of a frontend, and what it reports about its daemon.
#[derive(Debug, Clone)]
pub struct FrontendConfig {
    /// Version of the daemon: `0.1.0`.
    pub version: String,
    /// The platform of the daemon, as `/info`, `/version` and the `Ostype` header report it.
    pub platform: Platform,
    /// Which lines end a load.
    pub load_result: LoadResult,
    /// An ID of the daemon that stays the same as long as its data does.
    pub id: String,
    /// Where the data is; empty when nothing is kept.
    pub root_dir: String,
    /// Registries, as `HOST[:PORT]`, whose certificates are not verified.
    pub insecure_registries: Vec<String>,
    /// Labels and values that describe how images are kept, for `docker info`.
    pub driver_status: Vec<(String, String)>,
    /// Limits on connections.
    pub connections: ConnectionLimits,
}

/// The Docker Engine API in front of the images. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub struct Frontend {
    pub(crate) images: Images,
    pub(crate) containers: Containers,
    pub(crate) config: Arc<FrontendConfig>,
    pub(crate) machine: Arc<Machine>,
    pub(crate) crowd: Arc<Crowd>,
    /// Places for readers of events.
    pub(crate) event_readers: Arc<Semaphore>,
    pub(crate) event_texts: Arc<Texts>,
}

impl Frontend {
    /// A frontend of `engine`. Reads what `/info` reports about this machine, which may block
    /// briefly.
    pub fn new(images: Images, containers: Containers, config: FrontendConfig) -> Self {
        let limits = &config.connections;
        Self {
            images,
            containers,
            crowd: Arc::new(Crowd::new(limits.connections, limits.heads_bytes)),
            event_texts: Arc::default(),
            event_readers: Arc::new(Semaphore::new(limits.event_readers)),
            config: Arc::new(config),
            machine: Arc::new(Machine::read()),
        }
    }
}
