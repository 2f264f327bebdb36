use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::{Error, Kind};

/// How long work waits for other work of its kind to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until there is a place among `places` for one more of `what`.
///
/// # Errors
/// [`Kind::Unavailable`] when there is none for a minute.
pub(crate) async fn turn(
    places: &Arc<Semaphore>,
    what: &str,
) -> Result<OwnedSemaphorePermit, Error> {
    let busy = || {
        let message = format!(
            "too many {what} are running, and none of them has ended for {} seconds: try again",
            PATIENCE.as_secs()
        );
        Error::new(Kind::Unavailable, message)
    };
    let turn = timeout(PATIENCE, Arc::clone(places).acquire_owned()).await;
    turn.map_err(|_| busy())?
        .map_err(|error| busy().with_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told() {
        let places = Arc::new(Semaphore::new(1));
        let first = turn(&places, "saves").await.expect("a place");
        let error = turn(&places, "saves").await.expect_err("no place");
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.message().starts_with("too many saves"), "{error}");
        drop(first);
        drop(turn(&places, "saves").await.expect("a place again"));
    }
}
