//! The history of an image, from its config and the sizes of its layers.

use sockerless_oci::{Platform, Time};

use crate::{Digest, Error, Images, Reference};

/// One step of how an image was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryStep {
    /// ID of the image, for its newest step; older steps have none.
    pub id: Option<Digest>,
    /// When it was done, if the config says so.
    pub created: Option<Time>,
    /// What was run.
    pub created_by: String,
    /// Its comment.
    pub comment: String,
    /// Bytes of the files that it added; `None` when its layer was never read here.
    pub size: Option<u64>,
    /// Names of the image, for its newest step.
    pub tags: Vec<Reference>,
}

impl Images {
    /// The history of the image that `name` means, newest step first; of its variant for `platform`
    /// when one is given. Empty for an image without a history.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect).
    pub async fn history(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> Result<Vec<HistoryStep>, Error> {
        let found = self.inspect(name, platform).await?;
        let document = self.config_if_readable(&found).await?.unwrap_or_default();
        let Some(variant) = found.image.variants.get(found.variant) else {
            return Ok(Vec::new());
        };
        let mut sizes = self.layer_sizes(variant).await?.into_iter();
        let mut steps: Vec<_> = document
            .history
            .into_iter()
            .map(|entry| HistoryStep {
                id: None,
                created: entry.created,
                created_by: entry.created_by,
                comment: entry.comment,
                size: match entry.empty_layer {
                    true => Some(0),
                    false => sizes.next().unwrap_or(Some(0)),
                },
                tags: Vec::new(),
            })
            .collect();
        if let Some(newest) = steps.last_mut() {
            newest.id = Some(variant.config);
            newest.tags = found.names;
        }
        steps.reverse();
        Ok(steps)
    }
}
