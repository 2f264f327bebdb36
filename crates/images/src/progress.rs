//! The progress of a transfer between here and a registry.

use std::time::Duration;

use sockerless_oci::Artifact;
use sockerless_reference::{Digest, Reference};
use sockerless_registry::{Retry, RetryListener};
use sockerless_state::Layer;
use tokio::sync::mpsc;

/// What happens while an image is transferred between here and a registry. Facts: the text is up to
/// the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A push of this repository begins (canonical name without tag).
    PushBegins {
        /// The repository.
        repository: Reference,
    },
    /// A pull of this name begins.
    PullBegins {
        /// The name that is pulled.
        name: Reference,
    },
    /// A registry or a server failed temporarily, and the request is retried.
    Retrying {
        /// What was requested: a repository or a URL.
        what: String,
        /// What went wrong.
        why: String,
        /// The time until the next attempt.
        wait: Duration,
    },
    /// Something about one layer.
    Layer {
        /// What the layer is shown as: its `diff_id` in a push, its blob's digest in a pull.
        id: Digest,
        /// What happens to it.
        step: LayerStep,
    },
    /// The registry has the manifest under this tag.
    Pushed {
        /// The tag.
        tag: String,
        /// Digest of the manifest or index.
        digest: Digest,
        /// Its bytes.
        size: u64,
        /// The index of which only this manifest could be pushed, because other platforms of it
        /// are not here.
        instead_of: Option<Digest>,
    },
    /// One of the tags in a pull of all tags is not an image.
    Skipped {
        /// The name.
        name: Reference,
        /// What it is.
        artifact: Artifact,
    },
    /// A pull is done and recorded.
    Pulled {
        /// The name.
        name: Reference,
        /// Digest of the manifest or index in the registry.
        digest: Digest,
        /// Whether it was not here before under this name.
        newer: bool,
    },
}

/// What happens to one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerStep {
    /// It is going to be pushed.
    Preparing,
    /// It is being pushed.
    Pushing {
        /// Bytes of the blob as it is here that were read so far.
        current: u64,
        /// Bytes of that blob, where they are known.
        total: Option<u64>,
    },
    /// The registry has it now, because it was pushed.
    Pushed,
    /// The registry had it before.
    Exists,
    /// The registry mounted it from this repository.
    MountedFrom(String),
    /// It is part of what is pulled.
    PullingFsLayer,
    /// It is recorded here.
    PullComplete,
    /// It was recorded here before.
    AlreadyExists,
}

/// Where updates go. A slow receiver never delays the work: updates that only report a position are
/// dropped when it is behind.
#[derive(Debug, Clone)]
pub struct Progress(Option<mpsc::Sender<Update>>);

/// Updates that may wait for their reader.
const QUEUE: usize = 256;

impl Progress {
    /// Drops all updates.
    pub fn none() -> Self {
        Self(None)
    }

    /// Sends updates to the receiver, which ends when this and every clone are dropped.
    pub fn channel() -> (Self, mpsc::Receiver<Update>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(Some(sender)), receiver)
    }

    /// Reports each retry of a request for `what`.
    pub(crate) fn retries(&self, what: &str) -> RetryListener {
        let (progress, what) = (self.clone(), what.to_owned());
        RetryListener::new(move |Retry { why, wait }| {
            let what = what.clone();
            progress.hint(Update::Retrying { what, why, wait });
        })
    }

    /// Sends an update that must not be lost.
    pub(crate) async fn tell(&self, update: Update) {
        if let Some(sender) = &self.0 {
            // The receiver may be gone.
            let _ = sender.send(update).await;
        }
    }

    /// Sends the same step of several layers.
    pub(crate) async fn layers(&self, layers: &[Layer], step: &LayerStep) {
        for layer in layers {
            let (id, step) = (layer.digest, step.clone());
            self.tell(Update::Layer { id, step }).await;
        }
    }

    /// Sends a position, unless the receiver is behind.
    pub(crate) fn hint(&self, update: Update) {
        if let Some(sender) = &self.0 {
            let _ = sender.try_send(update);
        }
    }
}
