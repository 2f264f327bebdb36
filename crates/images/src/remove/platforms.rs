//! Removes single platforms of an image.

use sockerless_oci::Platform;
use sockerless_state::{Found, Removed};

use super::{Gone, RemoveRequest, RemovedItem, decide::Word, released_layers, to_its_end};
use crate::events::ImageEvent;
use crate::{Error, Images, Kind};
use sockerless_events::Action;

impl Images {
    /// Removes platforms of an image; the image itself when none is left. `None` when it was
    /// changed concurrently.
    pub(super) async fn remove_platforms(
        &self,
        found: &Found,
        platforms: &[Platform],
        request: &RemoveRequest,
    ) -> Result<Option<Gone>, Error> {
        let mut manifests = Vec::new();
        for wanted in platforms {
            let variants = found.image.variants.iter();
            let fits = variants.filter(|variant| variant.platform.is_same(wanted));
            let before = manifests.len();
            manifests.extend(fits.map(|variant| variant.manifest));
            if manifests.len() == before {
                let message = format!(
                    "image with reference {} was found but does not provide the specified \
                     platform ({wanted})",
                    request.name
                );
                return Err(Error::new(Kind::NotFound, message));
            }
        }
        let is_left = |manifest| !manifests.contains(manifest);
        let mut all = found.image.variants.iter().map(|variant| &variant.manifest);
        if !all.any(is_left) {
            return self.remove_found(found, &Word::Id, request).await;
        }
        let target = found.image.target;
        let (images, going) = (self.clone(), manifests.clone());
        let (id, labels) = (found.image.id, self.labels_of(&found.config).await);
        let removed = to_its_end(async move {
            let released = match images.state.remove_variants(target, &going).await? {
                Removed::Done { released } => released,
                Removed::Changed => return Ok(None),
            };
            let event = ImageEvent::of_id(Action::Delete, id, labels);
            images.publish_image(event).done().await;
            let bytes = images.retention.remove(released.clone()).await?;
            Ok(Some((released, bytes)))
        });
        let Some((released, bytes)) = removed.await? else {
            return Ok(None);
        };
        let gone = found
            .image
            .variants
            .iter()
            .filter(|variant| manifests.contains(&variant.manifest));
        let mut items: Vec<_> = gone
            .map(|variant| RemovedItem::Deleted(variant.config))
            .collect();
        items.extend(released_layers(found, &released));
        Ok(Some(Gone { items, bytes }))
    }
}
