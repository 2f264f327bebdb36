//! What happened to images and containers, for whoever wants to know: what Docker calls events.

mod board;
mod body;
mod log;
mod reader;
#[cfg(test)]
mod tests;
mod together;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sockerless_state::{Feed, Telling};

use self::body::Body;
use self::together::Together;
use crate::{ContainerRow, Digest, Images};
pub(crate) use board::NoticeBoard;
pub use reader::NoticeReader;
use sockerless_oci::config::ImageConfig;

/// Something that happened to an image or a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it happened to.
    pub subject: Subject,
    /// What happened.
    pub action: Action,
    /// Whom it happened to: the ID of an image or a container, or the name that was pulled or
    /// pushed; empty where it is nobody (prune).
    pub id: String,
    /// What is known of it: its labels (unless they are larger than 64 KiB), its name and more, in
    /// Docker's words.
    pub attributes: BTreeMap<String, String>,
    /// When. No two notices have the same time, and they are in its order: those of one daemon, or
    /// of all that share their notices.
    pub at: Timestamp,
}

/// What a [`Notice`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// An image.
    Image,
    /// A container.
    Container,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// An image came in an archive.
    Load,
    /// An image got a name.
    Tag,
    /// An image lost a name.
    Untag,
    /// An image was removed.
    Delete,
    /// An image was pulled.
    Pull,
    /// An image was pushed.
    Push,
    /// An image was made of a file system.
    Import,
    /// An image was saved.
    Save,
    /// Images or containers were pruned.
    Prune,
    /// A container was created.
    Create,
    /// A container was renamed.
    Rename,
    /// A container was removed.
    Destroy,
}

/// Something that happened to an image, to be told.
#[derive(Debug)]
pub(crate) struct ImageNotice {
    pub(crate) action: Action,
    /// Its ID, or the name that was pulled or pushed.
    pub(crate) id: String,
    /// Its name, or the ID where it has none in this.
    pub(crate) name: String,
    /// Those of its config; shared, because each of its names may be told of. A label that is called
    /// `name` gives way to the name, as in Docker.
    pub(crate) labels: Arc<Labels>,
}

/// Bytes of labels that a notice may have. Every reader holds its own text of a notice until its
/// client has taken it, and an image may have megabytes of labels.
const LABELS: usize = 64 << 10;

/// Labels by their names.
pub(crate) type Labels = BTreeMap<String, String>;

fn bytes_of(labels: &Labels) -> usize {
    let texts = labels.iter().map(|(key, text)| key.len() + text.len());
    texts.sum()
}

/// The labels that a notice has; none when they are too large.
fn told(labels: &Labels) -> Labels {
    match bytes_of(labels) > LABELS {
        true => Labels::new(),
        false => labels.clone(),
    }
}

/// The labels in the bytes of an image config, unless they are too large for a notice. What cannot
/// be read has none: a notice is not worth an error.
fn labels_of(config: &[u8]) -> Arc<Labels> {
    let document = ImageConfig::parse(config).unwrap_or_default();
    let labels = document.run.labels;
    Arc::new(match bytes_of(&labels) > LABELS {
        true => Labels::new(),
        false => labels,
    })
}

impl ImageNotice {
    /// Something that happened to an image and to none of its names.
    pub(crate) fn of_id(action: Action, id: Digest, labels: Arc<Labels>) -> Self {
        Self {
            action,
            id: id.to_string(),
            name: id.to_string(),
            labels,
        }
    }
}

impl Images {
    /// The labels in the bytes of an image config that a notice has.
    pub(crate) async fn labels_of(&self, config: &Bytes) -> Arc<Labels> {
        let config = config.clone();
        let labels = self.compute_on(config.len(), move || labels_of(&config));
        labels.await.unwrap_or_default()
    }

    /// The same images with the notices of all daemons that share `feed`, where this one tells its
    /// own too. Within a tokio runtime, because tasks begin.
    #[must_use]
    pub fn sharing_notices(mut self, feed: Feed) -> Self {
        self.notices = NoticeBoard::shared(feed);
        self
    }

    /// Notices from `since` (from now on when absent) up to `until` (for ever when absent). A
    /// bounded number of past ones is kept, as long as the daemon runs, or in the database of
    /// those that share their notices. What any of these has answered before this call is among
    /// them; for that it waits up to 5 s while the database is away.
    pub async fn notices(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> NoticeReader {
        self.notices.read(since, until).await
    }

    /// Tells that something happened to an image.
    pub(crate) fn tell_image(&self, notice: ImageNotice) -> Telling {
        let ImageNotice {
            action,
            id,
            name,
            labels,
        } = notice;
        let mut attributes = told(&labels);
        attributes.insert("name".to_owned(), name);
        self.notices.tell(Body {
            subject: Subject::Image,
            action,
            id,
            attributes,
        })
    }

    /// Tells of several images in their order, and waits until it is done.
    pub(crate) async fn tell_images(&self, notices: Vec<ImageNotice>) {
        let mut together = Together::default();
        for notice in notices {
            let bytes = bytes_of(&notice.labels);
            together.add(self.tell_image(notice), bytes).await;
        }
        together.done().await;
    }

    /// Tells that the same happened to several images, which are given with their configs. These
    /// are read one after the other: what they say may take many times their bytes.
    pub(crate) async fn tell_of_configs(&self, action: Action, configs: Vec<(Digest, Bytes)>) {
        let mut together = Together::default();
        for (id, config) in configs {
            let labels = self.labels_of(&config).await;
            let bytes = bytes_of(&labels);
            let notice = ImageNotice::of_id(action, id, labels);
            together.add(self.tell_image(notice), bytes).await;
        }
        together.done().await;
    }

    /// Tells that something happened to a container.
    pub(crate) fn tell_container(&self, action: Action, container: &ContainerRow) -> Telling {
        self.tell_container_with(action, container, None)
    }

    /// The same with one more attribute.
    pub(crate) fn tell_container_with(
        &self,
        action: Action,
        container: &ContainerRow,
        more: Option<(&str, String)>,
    ) -> Telling {
        let mut attributes = told(&container.spec.run.labels);
        let own = [
            ("image", container.spec.image_name.clone()),
            ("name", container.name.clone()),
        ];
        let own = own.into_iter().chain(more);
        attributes.extend(own.map(|(key, value)| (key.to_owned(), value)));
        self.notices.tell(Body {
            subject: Subject::Container,
            action,
            id: container.id.clone(),
            attributes,
        })
    }

    /// Tells how much a pruning gave back.
    pub(crate) fn tell_pruned(&self, subject: Subject, reclaimed: u64) -> Telling {
        let attributes = BTreeMap::from([("reclaimed".to_owned(), reclaimed.to_string())]);
        self.notices.tell(Body {
            subject,
            action: Action::Prune,
            id: String::new(),
            attributes,
        })
    }
}
