//! The image backend behind the Docker Engine API: load, import, save, tag, inspect, list, stage,
//! pull, push, remove and prune.
//!
//! It knows no HTTP and no wire format: it reports facts and typed errors, which the server turns
//! into text.
//!
//! The order of every change is the same: blobs first, then names; removal goes the other way. A
//! crash anywhere leaves at most blobs without a name, which [`Images::sweep`] removes.

mod body;
mod check;
mod distribution;
mod encode;
mod error;
mod events;
mod fetch;
mod filter;
mod forget;
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
mod patience;
mod places;
mod progress;
mod publish;
mod pull;
mod pullable;
mod push;
mod remote;
mod remove;
mod repositories;
mod retention;
mod save;
mod staging;
mod tag;
mod threads;
mod unreadable;
mod usage;
mod walk;

pub use check::{Remedy, StagingCheck, StagingFact, StagingSubject, StagingTrouble};
pub use error::{Error, Kind};
pub use filter::{ImageFilter, LabelFilter};
pub use forget::MEMORY;
pub use history::HistoryStep;
pub use images::{ClientLimits, Config, Images, StagingCompression, StagingConfig, StagingError};
pub use import::{ImportConfig, ImportRequest, Imported};
pub use list::{ImageList, ImageRow};
pub use load::{LoadOptions, Loaded, LoadedImage, LoadedLayer};
pub use patience::{Pace, Patience};
pub use progress::{LayerStep, Progress, Update};
pub use remote::{Distribution, LoginRequest, PullRequest, PushRequest};
pub use remove::{Pruned, RemoveRequest, RemovedItem};
pub use retention::GRACE;
pub use save::{SaveRequest, SavedArchive};
pub use sockerless_archive::{Limits, Skipped};
pub use sockerless_content::Swept;
pub use sockerless_oci::config::{Healthcheck, HistoryEntry, ImageConfig, NoCommand, RunConfig};
pub use sockerless_oci::{Artifact, Platform, PlatformError, Time};
pub use sockerless_reference::{Digest, Query, Reference};
pub use sockerless_registry::{Config as RegistryConfig, InvalidProxy, Proxies};
pub use sockerless_state::{Counts, Forgotten, Found, Image, Layer, Origin, Variant};
pub use unreadable::Unreadable;
pub use usage::{Sharing, Usage};
