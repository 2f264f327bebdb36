//! What happened to images and containers, as Docker's events: published when something changes,
//! kept for a while, and read by clients. The wire format of events is not here.

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
