//! Removes names, images and platforms of images.

mod decide;
mod platforms;
mod prune;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use sockerless_oci::Platform;
use sockerless_reference::{Query, Reference};
use sockerless_state::{Found, Removal, Removed};

use self::decide::{Decision, Seen, Word, decide};
use crate::events::ImageEvent;
use crate::layer_sizes::chain_ids;
use crate::{Digest, Error, Images, Kind, journal};
pub use prune::Pruned;
use sockerless_events::Action;

/// How often the decision is repeated when the image was changed concurrently.
const TRIES: usize = 16;

/// What is to be removed.
#[derive(Debug, Clone, Default)]
pub struct RemoveRequest {
    /// The image as the client names it.
    pub name: String,
    /// Also when it has several names or a container uses it.
    pub force: bool,
    /// Only these platforms of it; all when empty.
    pub platforms: Vec<Platform>,
}

/// One removed item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemovedItem {
    /// A name, or a repository and digest, in familiar form.
    Untagged(String),
    /// An image.
    Deleted(Digest),
    /// A layer that no image needs any more, by its chain ID.
    DeletedLayer(Digest),
}

/// The result of one removal.
#[derive(Debug)]
struct Gone {
    items: Vec<RemovedItem>,
    /// Bytes on disk that were freed.
    bytes: u64,
}

impl Images {
    /// Removes a name, and with the last name the image; or by ID the image with all its names.
    /// Blobs that no image needs any more are gone from the disk when it returns, unless a running
    /// operation still reads them: then the sweeper removes them.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is no such image, [`Kind::Conflict`] when it has several names
    /// or is in use, with Docker's message.
    pub async fn remove(&self, request: RemoveRequest) -> Result<Vec<RemovedItem>, Error> {
        let query = Query::parse(&request.name)
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let begun = Instant::now();
        for _ in 0..TRIES {
            let found = self.state.find(&query).await;
            let found = found.map_err(|error| Error::state(error, &query))?;
            let found = found.ok_or_else(|| Error::no_such_image(&query))?;
            let gone = match request.platforms.as_slice() {
                [] => {
                    let word = self.word(&query, &found);
                    self.remove_found(&found, &word, &request).await?
                }
                platforms => self.remove_platforms(&found, platforms, &request).await?,
            };
            if let Some(gone) = gone {
                let is_deleted = |item: &&RemovedItem| matches!(item, RemovedItem::Deleted(_));
                let is_untagged = |item: &&RemovedItem| matches!(item, RemovedItem::Untagged(_));
                tracing::info!(
                    image = request.name,
                    id = %found.image.id,
                    names = gone.items.iter().filter(is_untagged).count(),
                    images = gone.items.iter().filter(is_deleted).count(),
                    bytes = gone.bytes,
                    milliseconds = journal::since(begun),
                    "image removed"
                );
                return Ok(gone.items);
            }
        }
        Err(changing(&request.name))
    }

    /// How the client named the image.
    fn word(&self, query: &Query, found: &Found) -> Word {
        let Query::Name { reference, .. } = query else {
            return Word::Id;
        };
        match reference.digest() {
            None if found.names.contains(reference) => Word::Name(reference.clone()),
            // The staging repository is the daemon's own: its digests are IDs for clients.
            Some(_) if !self.is_staged(reference) => {
                let reference = reference.clone().without_tag();
                match found.repo_digests.contains(&reference) {
                    true => Word::RepoDigest(reference),
                    false => Word::Id,
                }
            }
            _ => Word::Id,
        }
    }

    /// Removes what the name means. `None` when the image was changed concurrently.
    async fn remove_found(
        &self,
        found: &Found,
        word: &Word,
        request: &RemoveRequest,
    ) -> Result<Option<Gone>, Error> {
        let id = found.image.id;
        let users = self.state.users(&[id]).await?;
        let (staged, repo_digests): (Vec<_>, Vec<_>) = found
            .repo_digests
            .iter()
            .cloned()
            .partition(|name| self.is_staged(name));
        let seen = Seen {
            id,
            names: &found.names,
            repo_digests: &repo_digests,
            user: users.first().map(|users| users.oldest.as_str()),
        };
        let Decision {
            mut untagged,
            image,
        } = decide(word, &request.name, &seen, request.force)
            .map_err(|conflict| Error::new(Kind::Conflict, conflict))?;
        if image {
            untagged.extend(staged);
        }
        self.carry_out(found, untagged, image, request.force).await
    }

    /// Removes the names, and the image too. `None` when it was changed concurrently.
    async fn carry_out(
        &self,
        found: &Found,
        untagged: Vec<Reference>,
        deletes: bool,
        although_used: bool,
    ) -> Result<Option<Gone>, Error> {
        let id = found.image.id;
        let (repo_digests, names) = untagged
            .iter()
            .cloned()
            .partition(|name| name.digest().is_some());
        let removal = Removal {
            id,
            names,
            repo_digests,
            images: deletes,
            although_used,
        };
        let labels = self.labels_of(&found.config).await;
        let (images, names) = (self.clone(), untagged.len());
        let removed = to_its_end(async move {
            let released = match images.state.remove(&removal).await? {
                Removed::Done { released } => released,
                Removed::Changed => return Ok(None),
            };
            let untag = || ImageEvent::of_id(Action::Untag, id, Arc::clone(&labels));
            let mut events: Vec<_> = std::iter::repeat_with(untag).take(names).collect();
            if deletes {
                let delete = ImageEvent::of_id(Action::Delete, id, Arc::default());
                events.push(delete);
            }
            images.publish_images(events).await;
            if !deletes {
                return Ok(Some((released, 0)));
            }
            let bytes = images.retention.remove(released.clone()).await?;
            Ok(Some((released, bytes)))
        });
        let Some((released, bytes)) = removed.await? else {
            return Ok(None);
        };
        let untagged = untagged.iter().map(Reference::familiar);
        let mut items: Vec<_> = untagged
            .map(|name| RemovedItem::Untagged(name.to_owned()))
            .collect();
        if deletes {
            items.push(RemovedItem::Deleted(id));
            items.extend(released_layers(found, &released));
        }
        Ok(Some(Gone { items, bytes }))
    }
}

/// Completes a removal even if the client disconnects: what the state no longer has must not stay
/// on the disk, and its events must be published.
async fn to_its_end<T: Send + 'static>(
    removal: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(removal).await.map_err(|error| {
        Error::internal("the task that removes the image has panicked").with_source(error)
    })?
}

/// The layers whose blobs are no longer needed, the top one first.
fn released_layers(found: &Found, released: &[Digest]) -> Vec<RemovedItem> {
    let released: HashSet<_> = released.iter().collect();
    let mut seen = HashSet::new();
    let mut layers = Vec::new();
    for variant in &found.image.variants {
        let chains = chain_ids(variant);
        let gone = chains.iter().zip(&variant.layers).rev();
        let gone = gone.filter(|(_, layer)| released.contains(&layer.digest));
        let fresh = gone.filter(|(chain, _)| seen.insert(**chain));
        layers.extend(fresh.map(|(chain, _)| RemovedItem::DeletedLayer(*chain)));
    }
    layers
}

fn changing(name: &str) -> Error {
    let message =
        format!("{name} is changed by others again and again while it is removed: try again");
    Error::new(Kind::Conflict, message)
}
