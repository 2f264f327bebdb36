//! The vocabulary of container images: descriptors, platforms and how they match, media types,
//! manifests, indexes and image configs, and JSON as Docker reads it.
//!
//! Documents are stored elsewhere, as the bytes that were received. The types here are what those
//! bytes mean; they are never written back, because that would change the digest.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod config;
pub mod json;
pub mod media_type;

mod artifact;
mod descriptor;
mod index;
mod manifest;
mod platform;
mod shape;
mod signal;
mod time;

pub use artifact::Artifact;
pub use config::ImageConfig;
pub use descriptor::Descriptor;
pub use index::Index;
pub use manifest::Manifest;
pub use platform::{Platform, PlatformError, PlatformMatcher};
pub use shape::Shape;
pub use signal::is_signal;
pub use time::{Time, TimeError};
