//! Saves images as an archive.

mod file;
mod plan;
mod stream;

use std::collections::BTreeMap;

use sockerless_oci::Platform;
use sockerless_reference::{Query, Reference};
use sockerless_state::Found;

use self::plan::Selection;
pub use self::stream::SavedArchive;
use crate::{Digest, Error, Images, Kind};

/// Names that are read at a time when a whole repository is saved.
const PAGE: usize = 100;

/// What to save.
#[derive(Debug, Clone, Default)]
pub struct SaveRequest {
    /// The images as the client names them. A name without a tag is all tags of that repository.
    pub names: Vec<String>,
    /// Only these platforms; when empty, those that are available.
    pub platforms: Vec<Platform>,
}

impl Images {
    /// Writes images as an archive: an OCI layout that is a docker archive as well. Manifests and
    /// layers are kept as they are, so an image that was loaded in OCI form keeps its digests, and
    /// the same images always give the same bytes.
    ///
    /// Missing blobs are an error of this call, as far as that is known before the bytes of layers
    /// are fetched. An error of the stream is its last item: what precedes it is not a complete
    /// archive. Every blob is verified while it is sent.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an image, a platform or a layer that is neither here nor elsewhere,
    /// [`Kind::Unavailable`] when too many saves are running.
    pub async fn save(&self, request: SaveRequest) -> Result<SavedArchive, Error> {
        let mut selections: BTreeMap<(Digest, usize), Selection> = BTreeMap::new();
        for name in &request.names {
            for (found, name) in self.named(name).await? {
                let selection = selections
                    .entry((found.image.target, found.variant))
                    .or_insert_with(|| Selection::new(found));
                selection.names.extend(name);
            }
        }
        let turn = self.saves.turn().await?;
        let plan = self
            .plan_save(selections.into_values(), &request.platforms)
            .await?;
        Ok(self.write_archive(plan, turn))
    }

    /// The images that a name of the client means, each with the name to write.
    async fn named(&self, name: &str) -> Result<Vec<(Found, Option<Reference>)>, Error> {
        let invalid = |error: sockerless_reference::ReferenceError| {
            Error::new(Kind::InvalidParameter, error.to_string())
        };
        let query = Query::parse(name).map_err(invalid)?;
        if let Query::Name { .. } = &query {
            let all = Reference::parse(name).map_err(invalid)?;
            if all.tag().is_none() && all.digest().is_none() {
                let repository = self.repository_named(&all).await?;
                if !repository.is_empty() {
                    return Ok(repository);
                }
            }
        }
        let found = self.state.find(&query).await;
        let found = found.map_err(|error| Error::state(error, &query))?;
        let found = found.ok_or_else(|| Error::no_such_image(&query))?;
        let name = match query {
            Query::Name { reference, .. } if found.names.contains(&reference) => Some(reference),
            _ => None,
        };
        Ok(vec![(found, name)])
    }

    /// The images of all tags of a repository.
    async fn repository_named(
        &self,
        repository: &Reference,
    ) -> Result<Vec<(Found, Option<Reference>)>, Error> {
        let mut images = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .state
                .names_of(repository.repository(), after.as_deref(), PAGE)
                .await?;
            let Some((last, _)) = page.last() else {
                return Ok(images);
            };
            after = last.tag().map(str::to_owned);
            for (name, _) in page {
                let query = Query::Name {
                    reference: name.clone(),
                    prefix: None,
                };
                // A name that was removed meanwhile is skipped.
                if let Some(found) = self.state.find(&query).await? {
                    images.push((found, Some(name)));
                }
            }
        }
    }
}
