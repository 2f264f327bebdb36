//! Tags, and the time when an image was last tagged.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{Sample, add, at, find, found, named, names, prefix, tag};
use crate::{Addition, Counts, ImageStore};

/// Every query that finds an image can be the source of a tag; the result is the image's ID.
pub async fn tags_point_to_what_they_found(store: &dyn ImageStore) {
    let (index, other) = (Sample::index("one", "two"), Sample::new("other"));
    add(store, index.named(&["app:1"])).await;
    add(store, other.named(&["other:1"])).await;
    let pinned = format!("app@{}", index.target());

    for (source, to) in [
        (named("app:1"), "by:name"),
        (named(&pinned), "by:digest"),
        (Query::Id(index.id()), "by:id"),
        (Query::Id(index.target()), "by:index"),
        (Query::Id(index.image.variants[1].config), "by:variant"),
        (prefix(index.id(), 12), "by:prefix"),
        (named("app:1"), "app:1"),
        // The name pointed to another image.
        (named("app:1"), "other:1"),
    ] {
        assert_eq!(tag(store, &source, to, 1).await, Some(index.id()), "{to}");
        assert_eq!(found(store, &named(to)).await.image, index.image, "{to}");
    }
    let all = [
        "app:1",
        "by:digest",
        "by:id",
        "by:index",
        "by:name",
        "by:prefix",
        "by:variant",
        "other:1",
    ];
    assert_eq!(found(store, &named("app:1")).await.names, names(&all));
    let other = found(store, &Query::Id(other.id())).await;
    assert_eq!((other.names, other.last_tagged_at), (Vec::new(), None));
}

/// A source that finds nothing leaves the name unchanged.
pub async fn tagging_nothing_changes_nothing(store: &dyn ImageStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&["app:1"])).await;

    for source in [named("none:1"), Query::Id(Digest::of("nothing"))] {
        assert_eq!(tag(store, &source, "app:1", 1).await, None);
        assert_eq!(tag(store, &source, "new:1", 1).await, None);
    }

    let found = found(store, &named("app:1")).await;
    assert_eq!((found.image, found.last_tagged_at), (sample.image, None));
    assert_eq!(find(store, &named("new:1")).await, None);
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 1,
            names: 1,
            ..Counts::default()
        }
    );
}

/// None after a load; after tags the latest of all targets with the ID, even if names are removed.
pub async fn last_tagged_at_is_the_latest(store: &dyn ImageStore) {
    let one = Sample::manifest("one", "a");
    let two = Sample::manifest("one", "b").generated();
    let other = Sample::new("other");
    for addition in [
        one.named(&["one:1"]),
        two.named(&["two:1"]),
        other.named(&["other:1"]),
    ] {
        add(store, addition).await;
    }
    let query = Query::Id(one.id());
    assert_eq!(found(store, &query).await.last_tagged_at, None);

    for (source, seconds, latest) in [
        ("one:1", 10, 10),
        ("two:1", 30, 30),
        ("one:1", 20, 30),
        ("two:1", 5, 30),
    ] {
        tag(store, &named(source), "tagged:1", seconds).await;
        for query in [&query, &named("one:1"), &named("two:1")] {
            assert_eq!(found(store, query).await.last_tagged_at, Some(at(latest)));
        }
    }
    // Neither a load nor the removal of the name resets it.
    add(store, two.named(&["two:2"])).await;
    tag(store, &named("other:1"), "tagged:1", 50).await;
    assert_eq!(found(store, &query).await.last_tagged_at, Some(at(30)));
    assert_eq!(
        found(store, &named("other:1")).await.last_tagged_at,
        Some(at(50))
    );
    // Names that come with a time are like tags.
    for (seconds, latest) in [(60, 60), (40, 60)] {
        let addition = Addition {
            tagged_at: Some(at(seconds)),
            ..other.named(&["other:2"])
        };
        add(store, addition).await;
        let found = found(store, &named("other:2")).await;
        assert_eq!(found.last_tagged_at, Some(at(latest)));
    }
}
