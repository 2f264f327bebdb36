//! Where an image can be pulled from.

use sockerless_reference::{Query, Reference};
use sockerless_state::{Found, Variant};

use crate::{Error, Images};

impl Images {
    /// Where a variant of the image `named` can be pulled from: its staged form, otherwise where it
    /// was pulled from or pushed to, preferably the repository of `named`. The reference names the
    /// manifest of the variant. `None` when no registry is known to have it.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the state cannot be read.
    pub async fn pullable(
        &self,
        found: &Found,
        variant: &Variant,
        named: &str,
    ) -> Result<Option<Reference>, Error> {
        if let Some(staging) = &self.config.staging
            && let Some(staged) = self.staged_in(&staging.repository, found, variant).await?
        {
            return Ok(Some(staged));
        }
        let named = match Query::parse(named) {
            Ok(Query::Name { reference, .. }) => Some(reference),
            Ok(Query::Id(_)) | Err(_) => None,
        };
        let is_named = |origin: &&Reference| {
            named
                .as_ref()
                .is_some_and(|named| named.repository() == origin.repository())
        };
        let (preferred, others): (Vec<_>, Vec<_>) = found.repo_digests.iter().partition(is_named);
        for origin in preferred.into_iter().chain(others) {
            if let Some(reference) = in_origin(origin, found, variant) {
                return Ok(Some(reference));
            }
            if let Some(staged) = self.staged_in(origin, found, variant).await? {
                return Ok(Some(staged));
            }
        }
        Ok(None)
    }

    /// The form of a variant that was staged in the repository of `name`.
    async fn staged_in(
        &self,
        name: &Reference,
        found: &Found,
        variant: &Variant,
    ) -> Result<Option<Reference>, Error> {
        let target = found.image.target;
        let staged = self.state.staged(target, name.repository()).await?;
        let staged = staged
            .into_iter()
            .find(|staged| staged.config == variant.config);
        Ok(staged.map(|staged| name.clone().without_tag().with_digest(staged.manifest)))
    }
}

/// The variant in a repository from which its image can be pulled. `None` when that may have
/// another variant.
fn in_origin(origin: &Reference, found: &Found, variant: &Variant) -> Option<Reference> {
    let digest = origin.digest()?;
    if digest == found.image.target {
        // A registry that has an index has its manifests under the same name.
        return Some(origin.clone().with_digest(variant.manifest));
    }
    let is_it = digest == variant.manifest || found.image.variants.len() == 1;
    is_it.then(|| origin.clone())
}
