//! What happened to images and containers, as Docker's events: published by those that change
//! something, kept for a while, and read by clients. How events look on the wire is not here.

mod batch;
mod event;
mod events;
mod log;
mod occurrence;
mod subscription;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use event::{Action, Attributes, Event, ObjectType, attributes_of, byte_size};
pub use events::Events;
pub use occurrence::Occurrence;
pub use subscription::Subscription;
