//! Checks for every [`BlobSources`].
//!
//! [`BlobSources`]: crate::BlobSources

mod content;
mod forgetting;
mod staging;

pub use self::content::*;
pub use self::forgetting::*;
pub use self::staging::*;
