use futures_util::future::BoxFuture;
use sockerless_content::StagedBlob;
use sockerless_state::{Added, Addition};

use crate::pins::Pinned;
use crate::{Error, Images, Kind};

impl Images {
    /// Makes blobs and then their images visible, and tells of it with `tell`. Once begun it is done to its
    /// end, also when the client leaves: the sweeper must not come in between.
    pub(crate) async fn record(
        &self,
        staged: Vec<StagedBlob>,
        addition: Addition,
        tell: BoxFuture<'static, ()>,
        pinned: Pinned,
    ) -> Result<Added, Error> {
        let images = self.clone();
        let recording = tokio::spawn(async move {
            let recording = images.recording.read().await;
            images
                .blocking(move |content| content.commit(staged))
                .await?;
            let added = images.state.add(addition).await?;
            // What was used again is used by an image from here on.
            drop(pinned);
            images.shrink_soon();
            drop(recording);
            tell.await;
            Ok(added)
        });
        recording.await.map_err(|error| {
            Error::new(
                Kind::Internal,
                "the task that records the images has panicked",
            )
            .with_source(error)
        })?
    }
}
