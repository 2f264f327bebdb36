//! Checks for every [`Jobs`].

use crate::{Job, Jobs};

/// Only one caller has a job, until soon after it has dropped the right to it.
pub async fn a_job_is_done_by_one(store: &dyn Jobs) {
    let begin = async |job| store.exclusive(job).await.expect("answers");
    let images = begin(Job::PruneImages).await.expect("free");
    assert!(begin(Job::PruneImages).await.is_none());
    let containers = begin(Job::PruneContainers).await.expect("another job");
    drop(images);
    while begin(Job::PruneImages).await.is_none() {
        tokio::task::yield_now().await;
    }
    assert!(begin(Job::PruneContainers).await.is_none());
    drop(containers);
}
