//! Containers that are added while their image is removed.

use futures_util::future::{join, join_all};
use sockerless_reference::Query;

use crate::conformance::racers::{add_racers, all_of, racers};
use crate::conformance::sample::find;
use crate::{ContainerAdded, Removed, StateStore};

/// A container that was added has its image, and an image that was removed has no container.
pub async fn a_container_and_a_removal_cannot_both_win(store: &dyn StateStore) {
    let racers = racers();
    add_racers(store, &racers).await;

    join_all(racers.iter().enumerate().map(async |(n, (sample, name))| {
        let mut container = sample.container('a', &format!("c{n}"));
        container.id = format!("{n:064x}");
        let removal = sample.removal(&[name]);
        let (added, removed) = if n % 2 == 0 {
            join(store.add_container(&container), store.remove(&removal)).await
        } else {
            let (removed, added) =
                join(store.remove(&removal), store.add_container(&container)).await;
            (added, removed)
        };
        let (added, removed) = (added.expect("adds"), removed.expect("removes"));
        let won = added == ContainerAdded::Added;
        if won {
            assert_eq!(removed, Removed::Changed);
        } else {
            assert_eq!(added, ContainerAdded::ImageGone);
            assert_eq!(removed, all_of(sample));
        }
        let here = find(store, &Query::Id(sample.id())).await;
        assert_eq!(here.is_some(), won);
        let here = store.container(&container.id).await.expect("reads");
        assert_eq!(here.is_some(), won);
    }))
    .await;
}
