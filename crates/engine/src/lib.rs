//! The image backend behind the Docker Engine API: load, tag, inspect, list.
//!
//! It knows no HTTP and no wire format: it reports facts and typed errors, and whoever serves it
//! turns them into words.
//!
//! The order of every change is the same: blobs first, then names; removal goes the other way. A
//! crash anywhere leaves at most blobs without a name, which [`Engine::sweep`] takes.

mod engine;
mod error;
mod image;
mod load;
mod platform;
mod sweep;
mod tag;

pub use engine::{Config, Engine};
pub use error::{Error, Kind};
pub use load::{LoadOptions, Loaded, LoadedImage, LoadedLayer};
pub use sockerless_archive::Limits;
pub use sockerless_content::Swept;
pub use sockerless_reference::{Digest, Query, Reference};
pub use sockerless_state::{Counts, Found, Image, Layer, Origin, Platform, Variant};
