//! The handle of containers.

use std::sync::Arc;

use sockerless_images::Images;
use sockerless_state::StateStore;

/// The containers of a daemon. A handle, cheap to clone.
#[derive(Debug, Clone)]
pub struct Containers {
    pub(crate) images: Images,
    pub(crate) state: Arc<dyn StateStore>,
}

impl Containers {
    /// Containers of `images`, recorded in `state`, which must be that of the images. Events are
    /// published where those of the images are.
    pub fn new(images: Images, state: Arc<dyn StateStore>) -> Self {
        Self { images, state }
    }
}
