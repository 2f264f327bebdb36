//! Takes the blobs that a crash left, and those for which there is no room, from time to time.

use std::time::Duration;

use sockerless_engine::{Engine, GRACE};
use tracing::{error, info};

/// Between two sweeps.
const INTERVAL: Duration = Duration::from_secs(600);

/// Sweeps at once and then again and again; ends with the daemon.
pub(crate) async fn run(engine: Engine) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        ticks.tick().await;
        match engine.sweep(GRACE).await {
            Ok(swept) if swept.blobs == 0 => {}
            Ok(swept) => info!(
                blobs = swept.blobs,
                bytes = swept.bytes,
                "removed blobs of no image"
            ),
            Err(error) => error!(%error, "cannot remove blobs of no image"),
        }
    }
}
