//! The handle of the image backend, its configuration, and the maintenance that runs in the
//! background.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sockerless_archive::Limits;
use sockerless_content::{ContentStore, Swept};
use sockerless_events::Events;
use sockerless_oci::Platform;
use sockerless_reference::{Reference, ReferenceError};
use sockerless_registry::Client;
use sockerless_state::StateStore;
use tokio::sync::Semaphore;

use crate::Error;
use crate::import::ImportConfig;
use crate::memory::SharedMemory;
use crate::patience::{Pace, Patience};
use crate::places::Places;
use crate::retention::Retention;
use crate::unreadable::Unreadable;

/// The image backend. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub struct Images {
    pub(crate) config: Arc<Config>,
    pub(crate) state: Arc<dyn StateStore>,
    pub(crate) content: ContentStore,
    pub(crate) registries: Client,
    /// The same registries without retries: for what may as well be done later.
    pub(crate) registries_once: Client,
    pub(crate) retention: Retention,
    /// Archives that may be read at once. Each has threads and buffers; further ones wait unread.
    pub(crate) loads: Arc<Places>,
    /// Memory for the large documents and windows of what is read at once.
    pub(crate) memory: SharedMemory,
    /// Archives that may be written at once: each holds files and buffers.
    pub(crate) saves: Arc<Places>,
    /// Lists that may be sent at once: each holds a page of its images.
    pub(crate) lists: Arc<Places>,
    /// Permits for long work on a processor: one for each.
    pub(crate) desks: Arc<Semaphore>,
    pub(crate) events: Events,
    pub(crate) unreadable: Unreadable,
}

/// How many lists are sent at once: each may hold megabytes, and most are sent in a moment.
const LISTS: usize = 32;

/// How many resources clients may occupy, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLimits {
    /// Archives that are read at once. Each has threads and buffers.
    pub loads: usize,
    /// Archives that are written at once.
    pub saves: usize,
    /// How slow the client of a load, an import, a save or a list may be.
    pub pace: Pace,
    /// How long it may be slower than that while others wait for its place.
    pub grace: Duration,
}

impl Default for ClientLimits {
    /// More archives than processors and disks can serve, and few enough that they cannot take
    /// every thread; the program that writes an archive may be slow.
    fn default() -> Self {
        Self {
            loads: 32,
            saves: 32,
            pace: Pace {
                limit: Duration::from_secs(600),
                rate: 1024,
            },
            grace: Duration::from_secs(10),
        }
    }
}

/// The configuration of the backend.
#[derive(Debug, Clone)]
pub struct Config {
    /// The platform that is used of a multi-platform image.
    pub platform: Platform,
    /// What an archive may ask for.
    pub limits: Limits,
    /// Where loaded images are pushed before they exist here.
    pub staging: Option<StagingConfig>,
    /// The most bytes of blobs to keep here. Beyond that the least recently used are removed, if
    /// the staging repository can give them back. `None` for no limit.
    pub cache_size: Option<u64>,
    /// How many resources clients may occupy, and for how long.
    pub clients: ClientLimits,
    /// What an import may fetch.
    pub import: ImportConfig,
    /// How registries are reached.
    pub registry: sockerless_registry::Config,
    /// Whether clients that bring no credentials pull and push with the daemon's own.
    pub share_credentials: bool,
}

/// Where and how loaded images are staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagingConfig {
    /// The one repository, without tag or digest.
    pub repository: Reference,
    /// How layers are compressed for the registry.
    pub compression: StagingCompression,
    /// Push every platform of an image and its index, and not only the daemon's platform.
    pub all_platforms: bool,
    /// Push everything that an image consists of, so that a daemon that never had its bytes can
    /// restore them: every platform, and blobs that cannot be made from the pushed form.
    pub complete: bool,
}

/// How layers are compressed for the staging registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StagingCompression {
    /// All gzip: what every runtime supports.
    #[default]
    Gzip,
    /// All zstd.
    Zstd,
    /// All uncompressed.
    None,
    /// Each as it is in the archive.
    Keep,
}

/// Why a text does not name a staging repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StagingError {
    /// It is not a reference.
    #[error("{0:?} is not a repository: {1}")]
    Invalid(String, ReferenceError),
    /// It has a tag or digest.
    #[error("{0:?} must be a repository without a tag or digest: HOST/PATH")]
    Tagged(String),
    /// It lacks the registry, or everything but the registry.
    #[error(
        "{0:?} must name a registry and a repository in it: HOST/PATH, such as \
         registry.example.com/staging (docker.io/USER/REPOSITORY for Docker Hub)"
    )]
    Incomplete(String),
}

impl StagingConfig {
    /// Staging in `repository` with default options.
    ///
    /// # Errors
    /// [`StagingError`] when the text is not a repository.
    pub fn new(repository: &str) -> Result<Self, StagingError> {
        // A name without a host means Docker Hub, where a forgotten path would lead too.
        let host = repository.split_once('/').map(|(host, _)| host);
        if !host.is_some_and(|host| host.contains(['.', ':']) || host == "localhost") {
            return Err(StagingError::Incomplete(repository.to_owned()));
        }
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

impl Images {
    /// Images with names in `state` and blobs in `content`.
    pub fn new(config: Config, state: Arc<dyn StateStore>, content: ContentStore) -> Self {
        let registries = Client::new(config.registry.clone());
        let mut once = config.registry.clone();
        once.retry.tries = 1;
        let registries_once = Client::new(once);
        let clients = &config.clients;
        let contended = Pace {
            limit: clients.grace,
            ..clients.pace
        };
        let places = |what, size| Arc::new(Places::new(what, size, clients.pace, contended));
        let (loads, saves) = (
            places("loads", clients.loads),
            places("saves", clients.saves),
        );
        let lists = places("lists", LISTS);
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            retention: Retention::new(&config, Arc::clone(&state), content.clone()),
            memory: SharedMemory::new(&config.limits),
            config: Arc::new(config),
            state,
            content,
            registries,
            registries_once,
            loads,
            saves,
            lists,
            desks: Arc::new(Semaphore::new(processors)),
            events: Events::default(),
            unreadable: Unreadable::default(),
        }
    }

    /// The platform that is used of a multi-platform image.
    pub fn platform(&self) -> &Platform {
        &self.config.platform
    }

    /// How long to wait for clients that send or receive something without a place.
    pub fn patience(&self) -> Patience {
        Patience::new(self.config.clients.pace)
    }

    /// Makes the next request to each registry read certificates and credentials again. Operations
    /// that run keep theirs.
    pub async fn reload_registries(&self) {
        self.registries.reload().await;
        self.registries_once.reload().await;
    }

    /// Removes blobs that no image refers to and that have been here longer than `grace`, and then
    /// [shrinks the cache](Self::shrink_cache).
    ///
    /// A crash between the writing of blobs and the recording of their image leaves such blobs, and
    /// so does another daemon that removes an image.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the disk or the state fails; what was
    /// removed until then stays removed.
    pub async fn sweep(&self, grace: Duration) -> Result<Swept, Error> {
        self.retention.sweep(grace).await
    }

    /// Removes the least recently used blobs until the folder has at most
    /// [`Config::cache_size`] bytes.
    ///
    /// It removes only blobs that the staging repository can give back, or that no image needs and
    /// have been here longer than `grace`, and none that a running operation reads. So more than
    /// the limit may stay.
    ///
    /// # Errors
    /// As [`sweep`](Self::sweep).
    pub async fn shrink_cache(&self, grace: Duration) -> Result<Swept, Error> {
        self.retention.shrink(grace).await
    }

    /// What the log has said of stored things that cannot be read.
    pub fn unreadable(&self) -> &Unreadable {
        &self.unreadable
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staging_wants_a_registry_and_a_path() {
        for text in [
            "registry.example.com/staging",
            "registry:5000/a/b",
            "localhost/staging",
            "[fd00::1]:5000/staging",
            "docker.io/me/staging",
        ] {
            assert!(StagingConfig::new(text).is_ok(), "{text}");
        }
        for text in [
            "registry.example.com",
            "localhost",
            "registry.example.com:5000",
            "staging",
            "registry/staging",
            "registry.example.com/",
            "registry.example.com/staging:1",
            "https://registry.example.com/staging",
            "",
        ] {
            let error = StagingConfig::new(text).expect_err(text).to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
        let error = StagingConfig::new("registry.example.com").expect_err("no path");
        assert!(matches!(error, StagingError::Incomplete(_)), "{error}");
    }
}
