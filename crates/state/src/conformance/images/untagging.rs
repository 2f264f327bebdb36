//! Removing names and repository digests without their image.

use sockerless_reference::Query;

use super::removing::{assert_whole, pulled};
use crate::conformance::sample::{
    Sample, add, at, find, found, named, names, pinned, released, remove, tag,
};
use crate::{Found, ImageStore, Removal, Removed, StateStore};

/// Removing a name leaves everything else, even if it was the last.
pub async fn a_name_is_removed_alone(store: &dyn StateStore) {
    let (sample, other) = (Sample::index("one", "two"), Sample::new("other"));
    add(store, pulled(&sample, &["app:1", "app:2"], "app")).await;
    add(store, other.named(&["other:1"])).await;
    tag(store, &named("app:1"), "app:3", 7).await;
    let before = found(store, &named("app:2")).await;
    let of_other = found(store, &named("other:1")).await;

    let removed = remove(store, &sample.untagging(&["app:1"])).await;

    assert_eq!(removed, released(vec![]));
    assert_eq!(find(store, &named("app:1")).await, None);
    let now = found(store, &named("app:2")).await;
    assert_eq!(now.names, names(&["app:2", "app:3"]));
    let names = before.names.clone();
    assert_eq!(Found { names, ..now }, before);

    // Names may be given twice.
    let twice = sample.untagging(&["app:2", "app:3", "app:2"]);
    assert_eq!(remove(store, &twice).await, released(vec![]));
    let now = found(store, &Query::Id(sample.id())).await;
    assert_eq!(now.names, []);
    assert_eq!(now.repo_digests, before.repo_digests);
    assert_eq!(now.last_tagged_at, Some(at(7)));
    assert_whole(store, &sample).await;
    assert_eq!(found(store, &named("other:1")).await, of_other);
    // The tags of the repository are gone from its list too.
    assert_eq!(
        store
            .names_of("docker.io/library/app", None, 9)
            .await
            .expect("reads"),
        []
    );
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.images, counts.names), (2, 1));

    // An empty removal succeeds.
    assert_eq!(
        remove(store, &sample.untagging(&[])).await,
        released(vec![])
    );
}

/// Removing a repository digest leaves the names and the other repository digests.
pub async fn a_repository_digest_is_removed_alone(store: &dyn ImageStore) {
    let sample = Sample::new("one");
    add(store, pulled(&sample, &["app:1"], "r.example/app")).await;
    add(store, pulled(&sample, &[], "mirror.example/app")).await;
    let [there, mirror] =
        ["r.example/app", "mirror.example/app"].map(|at| pinned(at, sample.target()));
    let removal = Removal {
        repo_digests: vec![there.clone()],
        ..sample.untagging(&[])
    };

    assert_eq!(remove(store, &removal).await, released(vec![]));

    let now = found(store, &named("app:1")).await;
    assert_eq!(now.repo_digests, std::slice::from_ref(&mirror));
    assert_eq!(now.names, names(&["app:1"]));
    assert_eq!(find(store, &named(&there.to_string())).await, None);
    assert_eq!(
        found(store, &named(&mirror.to_string())).await.image,
        sample.image
    );
    assert_eq!(remove(store, &removal).await, Removed::Changed);
}
