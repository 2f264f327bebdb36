//! Adding images and names.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{Sample, add, find, found, name, named, names, together};
use crate::{Added, Counts, Error, ImageStore, StateStore};

/// Adding the same twice gives the same state, and the second time reports nothing new.
pub async fn adding_again_changes_nothing(store: &dyn ImageStore) {
    let sample = Sample::index("one", "two");
    let addition = sample.named(&["a:1", "b:1"]);

    let first = add(store, addition.clone()).await;
    let before = found(store, &named("a:1")).await;
    let mut again = addition.clone();
    // The differences of a second load must not be stored.
    again.images[0].loaded_at = crate::conformance::sample::at(500);
    let second = add(store, again).await;

    assert_eq!(first.new_images, [sample.target()]);
    let blobs: Vec<Digest> = addition.blobs.iter().map(|blob| blob.digest).collect();
    assert_eq!(first.new_blobs, blobs);
    assert_eq!(first.moved, []);
    assert_eq!(second, Added::default());
    assert_eq!(before.image, sample.image);
    assert_eq!(found(store, &named("a:1")).await, before);
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 1,
            names: 2,
            ..Counts::default()
        }
    );
}

/// An incomplete addition leaves nothing behind.
pub async fn adding_is_all_or_nothing(store: &dyn StateStore) {
    let (whole, broken) = (Sample::new("whole"), Sample::index("broken", "other"));
    let good = whole.named(&["whole:1"]);

    let mut incomplete = Vec::new();
    for missing in 0..broken.named(&[]).documents.len() {
        let mut bad = broken.named(&["broken:1"]);
        bad.documents.remove(missing);
        incomplete.push(bad);
    }
    let mut unknown = broken.named(&["broken:1"]);
    unknown
        .names
        .push((name("nowhere:1"), Digest::of("nowhere")));
    incomplete.push(unknown);
    // The config, the manifest or the target: each of the documents was missing once.
    assert_eq!(incomplete.len(), 7);

    for bad in incomplete {
        let error = store
            .add(together([good.clone(), bad]))
            .await
            .expect_err("incomplete");
        assert!(matches!(error, Error::Incomplete { .. }), "{error:?}");
        assert_eq!(store.counts().await.expect("counts"), Counts::default());
        assert_eq!(find(store, &named("whole:1")).await, None);
        assert_eq!(find(store, &Query::Id(whole.id())).await, None);
        for (digest, _) in &good.documents {
            assert_eq!(store.document(*digest).await.expect("reads"), None);
        }
        let diff_ids: Vec<Digest> = good.blobs.iter().map(|blob| blob.diff_id).collect();
        assert_eq!(
            store.blobs_with_diff_ids(&diff_ids).await.expect("reads"),
            []
        );
        let layers: Vec<Digest> = whole.layers().iter().map(|layer| layer.digest).collect();
        assert_eq!(store.referenced(&layers).await.expect("reads"), []);
    }
}

/// Names and images may refer to earlier additions.
pub async fn what_is_here_need_not_be_added_again(store: &dyn ImageStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;

    let mut name_only = sample.named(&["later:1"]);
    name_only.images.clear();
    name_only.documents.clear();
    name_only.blobs.clear();
    add(store, name_only).await;
    assert_eq!(found(store, &named("later:1")).await.image, sample.image);

    // The second manifest has the same config, which is stored already.
    let second = Sample::manifest("one", "zstd");
    let mut addition = second.named(&["second:1"]);
    addition
        .documents
        .retain(|(digest, _)| *digest != second.id());
    assert_eq!(add(store, addition).await.new_images, [second.target()]);
    assert_eq!(found(store, &named("second:1")).await.image, second.image);
}

/// An invalid image, or a name that is not a tag, is an error and changes nothing.
pub async fn unstorable_images_and_names_are_refused(store: &dyn ImageStore) {
    let sample = Sample::new("one");
    let pinned = format!("one@{}", sample.target());
    let both = format!("one:1@{}", sample.target());

    let mut empty = sample.named(&["one:1"]);
    empty.images[0].variants.clear();
    let mut other = sample.named(&["one:1"]);
    other.images[0].id = sample.target();
    for bad in [
        empty,
        other,
        sample.named(&["one"]),
        sample.named(&[&pinned]),
        sample.named(&[&both]),
    ] {
        let error = store.add(bad).await.expect_err("unstorable");
        assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
        assert_eq!(store.counts().await.expect("counts"), Counts::default());
    }

    add(store, sample.named(&["one:1"])).await;
    for bad in ["one", &pinned, &both] {
        let error = store
            .tag(
                &named("one:1"),
                &name(bad),
                crate::conformance::sample::at(1),
            )
            .await
            .expect_err("unstorable");
        assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
    }
    assert_eq!(found(store, &named("one:1")).await.last_tagged_at, None);
}

/// A name that is added again points to the new image; the old one stays, and the move is reported.
pub async fn names_move(store: &dyn ImageStore) {
    let (old, new) = (Sample::new("old"), Sample::new("new"));
    add(store, old.named(&["app:1", "app:old"])).await;

    let added = add(store, new.named(&["app:1", "app:new"])).await;

    assert_eq!(added.new_images, [new.target()]);
    assert_eq!(added.moved, [(name("app:1"), old.id())]);
    assert_eq!(found(store, &named("app:1")).await.image, new.image);
    let stayed = found(store, &Query::Id(old.id())).await;
    assert_eq!(stayed.image, old.image);
    assert_eq!(stayed.names, names(&["app:old"]));
    assert_eq!(
        found(store, &Query::Id(new.id())).await.names,
        names(&["app:1", "app:new"])
    );

    // Back again by a tag operation; the image without a name still exists.
    crate::conformance::sample::tag(store, &Query::Id(old.id()), "app:1", 1).await;
    crate::conformance::sample::tag(store, &Query::Id(old.id()), "app:new", 2).await;
    assert_eq!(found(store, &Query::Id(new.id())).await.names, []);
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 2,
            names: 3,
            ..Counts::default()
        }
    );

    // A change to another manifest of the same image does not count as a move.
    let other = Sample::manifest("old", "zstd");
    assert_eq!(add(store, other.named(&["app:1"])).await.moved, []);
    assert_eq!(found(store, &named("app:1")).await.image, other.image);
}

/// The last occurrence of a repeated name counts, and moves are reported once.
pub async fn the_last_of_repeated_names_counts(store: &dyn ImageStore) {
    let before = Sample::new("before");
    let (first, last) = (Sample::new("first"), Sample::new("last"));
    add(store, before.named(&["app:1"])).await;

    let addition = together([
        first.named(&["app:1", "app:first"]),
        last.named(&["app:1", "app:last"]),
    ]);
    let added = add(store, addition).await;

    assert_eq!(added.new_images, [first.target(), last.target()]);
    assert_eq!(added.moved, [(name("app:1"), before.id())]);
    assert_eq!(found(store, &named("app:1")).await.image, last.image);
    assert_eq!(
        found(store, &named("app:first")).await.names,
        names(&["app:first"])
    );
}
