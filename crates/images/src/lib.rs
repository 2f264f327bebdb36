//! The image backend behind the Docker Engine API: load, import, save, tag, inspect, list, stage,
//! pull, push, remove, prune, tell what happens, and keep the containers that use images.
//!
//! It knows no HTTP and no wire format: it reports facts and typed errors, and whoever serves it
//! turns them into words.
//!
//! The order of every change is the same: blobs first, then names; removal goes the other way. A
//! crash anywhere leaves at most blobs without a name, which [`Images::sweep`] takes.

mod body;
mod cache;
mod changes;
mod check;
mod containers;
mod distribution;
mod encode;
mod error;
mod filter;
mod forget;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod history;
mod image;
mod images;
mod import;
mod journal;
mod layer_sizes;
mod layer_source;
mod list;
mod load;
mod login;
mod memory;
mod notices;
mod patience;
mod pins;
mod places;
mod progress;
mod publish;
mod pull;
mod push;
mod recording;
mod remote;
mod remove;
mod repositories;
mod save;
mod signal;
mod staging;
mod sweep;
mod tag;
mod threads;
mod unreadable;
mod usage;
mod walk;

pub use cache::GRACE;
pub use check::Finding;
pub use containers::{
    ContainerFilter, ContainerList, ContainerRow, ContainerSpec, CreateContainer, CreatedContainer,
    Settings,
};
pub use error::{Error, Kind};
pub use filter::{ImageFilter, LabelFilter};
pub use forget::MEMORY;
pub use history::HistoryStep;
pub use images::{ClientLimits, Config, Images, StagingCompression, StagingConfig, StagingError};
pub use import::{ImportConfig, ImportRequest, Imported};
pub use list::{ImageList, ImageRow};
pub use load::{LoadOptions, Loaded, LoadedImage, LoadedLayer};
pub use notices::{Action, Notice, NoticeReader, Subject};
pub use patience::{Pace, Patience};
pub use progress::{Event, LayerStep, Progress};
pub use remote::{Distribution, LoginRequest, PullRequest, PushRequest};
pub use remove::{Pruned, RemoveRequest, RemovedItem};
pub use save::{SaveRequest, SavedArchive};
pub use sockerless_archive::{Limits, Skipped};
pub use sockerless_content::Swept;
pub use sockerless_oci::config::{Healthcheck, HistoryEntry, ImageConfig, NoCommand, RunConfig};
pub use sockerless_oci::{Artifact, Platform, PlatformError, Time};
pub use sockerless_reference::{Digest, Query, Reference};
pub use sockerless_registry::{Config as RegistryConfig, InvalidProxy, Proxies};
pub use sockerless_state::{
    ContainerStatus, Counts, Forgotten, Found, Image, Layer, Origin, Variant,
};
pub use usage::{Sharing, Usage};
