//! The reference from which a container's image can be pulled.

use sockerless_reference::Query;

use crate::ContainerRow;
use crate::Containers;
use sockerless_images::Error;
use sockerless_reference::Reference;

impl Containers {
    /// Where the image of a container can be pulled from: its staged form, else where it was pulled
    /// from or pushed to, preferably in the repository that the client named. It names the manifest
    /// of the container's own platform. `None` if no registry is known to have it.
    ///
    /// # Errors
    /// [`Kind::Internal`](sockerless_images::Kind::Internal) when the state cannot be read.
    pub async fn pull_reference(
        &self,
        container: &ContainerRow,
    ) -> Result<Option<Reference>, Error> {
        // The image may only exist with another manifest of the same config.
        for digest in [container.target, container.image] {
            let Some(found) = self.state.find(&Query::Id(digest)).await? else {
                continue;
            };
            let variants = &found.image.variants;
            if let Some(variant) = variants.iter().find(|v| v.config == container.image)
                && let Some(reference) = self
                    .images
                    .pullable(&found, variant, &container.spec.image_name)
                    .await?
            {
                return Ok(Some(reference));
            }
        }
        Ok(container.spec.pull_reference.clone())
    }
}
