//! The containers that use an image, and protect it from removal.

use sockerless_reference::{Digest, Query};

use super::records::{create, created, get, rename};
use crate::conformance::sample::{Sample, add, at, find, named, released, remove};
use crate::{Addition, Container, ContainerAdded, Removal, Removed, Renamed, StateStore, Users};

/// The image of a container is only removed by force. The container stays then, and uses its image
/// again when that is added again.
pub async fn containers_keep_their_image(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&["app:1"])).await;
    let container = sample.container('a', "web");
    created(store, &container).await;
    let users = async || store.users(&[sample.id()]).await.expect("counts");
    let used = users().await;
    assert_eq!(used.len(), 1);

    let removal = sample.removal(&["app:1"]);
    assert_eq!(remove(store, &removal).await, Removed::Changed);
    assert!(find(store, &named("app:1")).await.is_some());
    // A name may always be removed.
    let untagging = sample.untagging(&["app:1"]);
    assert_eq!(remove(store, &untagging).await, released(vec![]));
    let removal = sample.removal(&[]);
    assert_eq!(remove(store, &removal).await, Removed::Changed);

    let forced = Removal {
        although_used: true,
        ..removal.clone()
    };
    let layers = sample.layers().iter().map(|layer| layer.digest).collect();
    assert_eq!(remove(store, &forced).await, released(layers));
    assert_eq!(find(store, &Query::Id(sample.id())).await, None);
    assert_eq!(get(store, "web").await.as_ref(), Some(&container));
    assert_eq!(users().await, []);
    let second = sample.container('b', "second");
    assert_eq!(create(store, &second).await, ContainerAdded::ImageGone);
    let renamed = rename(store, &container.id, "renamed").await;
    assert_eq!(renamed, Renamed::Done);

    add(store, sample.named(&["app:1"])).await;
    assert_eq!(users().await, used);
    let removal = sample.removal(&["app:1"]);
    assert_eq!(remove(store, &removal).await, Removed::Changed);
    let gone = store.remove_container(&container.id).await;
    assert!(gone.expect("removes"));
    assert_ne!(remove(store, &removal).await, Removed::Changed);
}

/// The same image is added again with another manifest, and is used again; one besides the
/// container's own target is not.
pub async fn an_image_that_comes_back_in_another_form_is_used(store: &dyn StateStore) {
    let (sample, other) = (Sample::manifest("arm", "a"), Sample::manifest("arm", "b"));
    let index = Sample::index("amd", "arm");
    let arm = index.image.variants[1].manifest;
    add(store, sample.named(&[])).await;
    created(store, &sample.container('a', "web")).await;
    let users = async |sample: &Sample| {
        let users = store.users(&[sample.id()]).await.expect("counts");
        users.first().map(|users| users.count)
    };
    add(store, index.named(&[])).await;
    assert_eq!((users(&sample).await, users(&index).await), (Some(1), None));
    let forced = Removal {
        although_used: true,
        ..sample.removal(&[])
    };
    assert_ne!(remove(store, &forced).await, Removed::Changed);
    assert_eq!((users(&sample).await, users(&index).await), (None, Some(1)));
    assert_eq!(remove(store, &index.removal(&[])).await, Removed::Changed);
    let removed = store.remove_variants(index.target(), &[arm]).await;
    assert_eq!(removed.expect("answers"), Removed::Changed);

    add(store, other.named(&[])).await;
    assert_eq!(
        (users(&other).await, users(&index).await),
        (Some(1), Some(1))
    );
    assert_eq!(remove(store, &other.removal(&[])).await, Removed::Changed);
    add(store, sample.named(&[])).await;
    assert_eq!((users(&sample).await, users(&index).await), (Some(1), None));
    assert_ne!(remove(store, &index.removal(&[])).await, Removed::Changed);
}

/// The containers of all targets with an ID, whichever variant they run, and the oldest of them.
pub async fn users_are_counted_by_id(store: &dyn StateStore) {
    let (first, second) = (Sample::manifest("amd", "a"), Sample::manifest("amd", "b"));
    let (index, unused) = (Sample::index("amd", "arm"), Sample::new("unused"));
    let other = Sample::new("other");
    for sample in [&first, &second, &index, &unused, &other] {
        add(store, sample.named(&[])).await;
    }
    let arm = index.image.variants[1].config;
    for (container, seconds) in [
        (first.container('4', "first"), 9),
        (second.container('3', "second"), 5),
        (index.container('2', "index"), 5),
        (
            Container {
                image: arm,
                ..index.container('1', "arm")
            },
            6,
        ),
        (other.container('0', "other"), 1),
    ] {
        let created_at = at(seconds);
        created(
            store,
            &Container {
                created_at,
                ..container
            },
        )
        .await;
    }
    let users = async |ids: &[Digest]| store.users(ids).await.expect("counts");
    let user = |sample: &Sample, count, digit: &str| Users {
        image: sample.id(),
        count,
        oldest: digit.repeat(64),
    };

    // The config of another variant is not an image's ID.
    let ids = [
        other.id(),
        unused.id(),
        arm,
        Digest::of("nothing"),
        first.id(),
    ];
    let all = [user(&other, 1, "0"), user(&first, 4, "2")];
    assert_eq!(users(&ids).await, all);
    assert_eq!(users(&[]).await, []);
    assert_eq!(store.counts().await.expect("counts").containers, 5);
    let (_, containers) = store.images_and_containers().await.expect("counts");
    assert_eq!(containers, 5);

    store
        .remove_container(&"2".repeat(64))
        .await
        .expect("removes");
    assert_eq!(users(&[first.id()]).await, [user(&first, 3, "3")]);
    // An index whose default variant changes keeps its users.
    let mut again = index.image.clone();
    again.variants.reverse();
    let mut more = again.variants[0].clone();
    more.platform.variant = Some("v9".to_owned());
    again.variants.push(more);
    again.id = arm;
    let addition = Addition {
        images: vec![again],
        ..index.named(&[])
    };
    add(store, addition).await;
    assert_eq!(users(&[first.id()]).await, [user(&first, 2, "3")]);
    let of_arm = Users {
        image: arm,
        count: 1,
        oldest: "1".repeat(64),
    };
    assert_eq!(users(&[arm]).await, [of_arm]);
    assert_eq!(store.counts().await.expect("counts").containers, 4);
}
