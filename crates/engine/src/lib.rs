//! The image backend behind the Docker Engine API: load, tag, inspect, list, stage, pull
//! and push.
//!
//! It knows no HTTP and no wire format: it reports facts and typed errors, and whoever serves it
//! turns them into words.
//!
//! The order of every change is the same: blobs first, then names; removal goes the other way. A
//! crash anywhere leaves at most blobs without a name, which [`Engine::sweep`] takes.

mod check;
mod distribution;
mod encode;
mod engine;
mod error;
mod image;
mod layer_source;
mod load;
mod login;
mod platform;
mod progress;
mod publish;
mod pull;
mod push;
mod remote;
mod repositories;
mod staging;
mod sweep;
mod tag;

pub use check::Finding;
pub use engine::{Config, Engine, StagingCompression, StagingConfig, StagingError};
pub use error::{Error, Kind};
pub use load::{LoadOptions, Loaded, LoadedImage, LoadedLayer};
pub use progress::{Event, LayerStep, Progress};
pub use remote::{Distribution, LoginRequest, PullRequest, PushRequest};
pub use sockerless_archive::Limits;
pub use sockerless_content::Swept;
pub use sockerless_reference::{Digest, Query, Reference};
pub use sockerless_registry::Config as RegistryConfig;
pub use sockerless_state::{Counts, Found, Image, Layer, Origin, Platform, Variant};
