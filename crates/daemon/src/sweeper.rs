//! Periodically removes blobs left by a crash, blobs beyond the size limit, and expired records.

use std::time::Duration;

use sockerless_images::{GRACE, Images, MEMORY};
use tracing::{error, info};

/// The interval between two sweeps.
const INTERVAL: Duration = Duration::from_secs(600);

/// Sweeps at once and then at every interval; runs as long as the daemon.
pub(crate) async fn run(images: Images) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        ticks.tick().await;
        match images.sweep(GRACE).await {
            Ok(swept) if swept.blobs == 0 => {}
            Ok(swept) => info!(
                blobs = swept.blobs,
                bytes = swept.bytes,
                "removed blobs of no image"
            ),
            Err(error) => error!(%error, "cannot remove blobs of no image"),
        }
        match images.forget(MEMORY).await {
            Ok(forgotten) if forgotten.encodings + forgotten.locations == 0 => {}
            Ok(forgotten) => info!(
                encodings = forgotten.encodings,
                locations = forgotten.locations,
                "forgot what registries have of no image"
            ),
            Err(error) => error!(%error, "cannot forget what registries have of no image"),
        }
    }
}
