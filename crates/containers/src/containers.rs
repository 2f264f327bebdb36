//! The handle of containers.

use std::sync::Arc;

use sockerless_events::Events;
use sockerless_images::{Images, Unreadable};
use sockerless_state::StateStore;

/// The containers that a daemon has. Cheap to clone: a handle.
#[derive(Debug, Clone)]
pub struct Containers {
    pub(crate) images: Images,
    pub(crate) state: Arc<dyn StateStore>,
    pub(crate) events: Events,
    pub(crate) unreadable: Unreadable,
}

impl Containers {
    /// Containers of `images`, recorded in `state`, which is that of the images. Their events are
    /// published where those of the images are.
    pub fn new(images: Images, state: Arc<dyn StateStore>) -> Self {
        Self {
            events: images.events().clone(),
            images,
            state,
            unreadable: Unreadable::default(),
        }
    }
}
