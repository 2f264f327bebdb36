//! Checks for every [`ImageStore`].
//!
//! [`ImageStore`]: crate::ImageStore

mod adding;
mod concurrency;
mod content;
mod finding;
mod listing;
mod merging;
mod pulling;
mod removing;
mod removing_variants;
mod tagging;
mod untagging;

pub use self::adding::*;
pub use self::concurrency::*;
pub use self::content::*;
pub use self::finding::*;
pub use self::listing::*;
pub use self::merging::*;
pub use self::pulling::*;
pub use self::removing::*;
pub use self::removing_variants::*;
pub use self::tagging::*;
pub use self::untagging::*;
