//! Making blobs visible together with their images.

use futures_util::future::BoxFuture;
use sockerless_content::StagedBlob;
use sockerless_state::{Added, Addition};

use super::{Pinned, Retention};
use crate::Error;

impl Retention {
    /// Makes blobs and then their images visible, and runs `publish`. Once begun it runs to its
    /// end, even if the client disconnects: no sweep may come in between.
    ///
    /// # Errors
    /// Those of the disk and of the state. The images are then not recorded.
    pub(crate) async fn record(
        &self,
        staged: Vec<StagedBlob>,
        addition: Addition,
        publish: BoxFuture<'static, ()>,
        pinned: Pinned,
    ) -> Result<Added, Error> {
        let retention = self.clone();
        let recording = tokio::spawn(async move {
            let recording = retention.recording().await;
            recording.commit(staged).await?;
            let added = retention.0.state.add(addition).await?;
            // From here on an image needs the reused blobs.
            drop(pinned);
            retention.shrink_soon();
            drop(recording);
            publish.await;
            Ok(added)
        });
        recording.await.map_err(|error| {
            Error::internal("the task that records the images has panicked").with_source(error)
        })?
    }
}
