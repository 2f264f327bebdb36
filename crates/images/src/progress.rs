//! How far an image got on its way between here and a registry.

use std::time::Duration;

use sockerless_oci::Artifact;
use sockerless_reference::{Digest, Reference};
use sockerless_registry::{Retry, RetryListener};
use sockerless_state::Layer;
use tokio::sync::mpsc;

/// What happens while an image moves between here and a registry. Facts: whoever shows them finds
/// the words.
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
    /// A registry or a server failed in a way that passes, and is asked again.
    Retrying {
        /// What was asked: a repository or a URL.
        what: String,
        /// What went wrong.
        why: String,
        /// How long it takes until the next try.
        wait: Duration,
    },
    /// Something about one layer.
    Layer {
        /// What the layer is shown as: its `diff_id` when it goes out, its blob's digest when it
        /// comes in.
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
    /// A tag among all that are pulled is not an image.
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
    /// It will go out.
    Preparing,
    /// It goes out.
    Pushing {
        /// Bytes of the blob as it is here that were read so far.
        current: u64,
        /// Bytes of that blob, where they are known.
        total: Option<u64>,
    },
    /// The registry has it now.
    Pushed,
    /// The registry had it.
    Exists,
    /// The registry took it over from this repository.
    MountedFrom(String),
    /// It is part of what is pulled.
    PullingFsLayer,
    /// It is recorded here.
    PullComplete,
    /// It was recorded here before.
    AlreadyExists,
}

/// Where updates go. A slow receiver never holds the work up: steps that only tell how far
/// something got are dropped when it is behind.
#[derive(Debug, Clone)]
pub struct Progress(Option<mpsc::Sender<Update>>);

/// Updates that may wait for their reader.
const QUEUE: usize = 256;

impl Progress {
    /// Tells nobody.
    pub fn none() -> Self {
        Self(None)
    }

    /// Tells the receiver, which sees the end when the work and every clone are done.
    pub fn channel() -> (Self, mpsc::Receiver<Update>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(Some(sender)), receiver)
    }

    /// Tells of each try that failed and is made again, of asking for `what`.
    pub(crate) fn retries(&self, what: &str) -> RetryListener {
        let (progress, what) = (self.clone(), what.to_owned());
        RetryListener::new(move |Retry { why, wait }| {
            let what = what.clone();
            progress.hint(Update::Retrying { what, why, wait });
        })
    }

    /// Tells an update that must not be lost.
    pub(crate) async fn tell(&self, update: Update) {
        if let Some(sender) = &self.0 {
            // A receiver that is gone does not want to know.
            let _ = sender.send(update).await;
        }
    }

    /// Tells the same step of several layers.
    pub(crate) async fn layers(&self, layers: &[Layer], step: &LayerStep) {
        for layer in layers {
            let (id, step) = (layer.digest, step.clone());
            self.tell(Update::Layer { id, step }).await;
        }
    }

    /// Tells how far something got, unless the receiver is behind.
    pub(crate) fn hint(&self, update: Update) {
        if let Some(sender) = &self.0 {
            let _ = sender.try_send(update);
        }
    }
}
