//! Concurrent changes of images and names.

use futures_util::future::{join, join_all};
use sockerless_reference::Query;

use crate::conformance::racers::{add_racers, all_of, racers};
use crate::conformance::sample::{
    Sample, add, at, find, found, named, names, remove, tag, together,
};
use crate::{Addition, Counts, Error, ImageStore, Removed, StateStore};

/// Many callers tag and look up at once: every tag that succeeded is there.
pub async fn concurrent_tags_are_all_kept(store: &dyn ImageStore) {
    const CALLERS: i64 = 32;
    const TAGS: i64 = 16;
    let sample = Sample::new("one");
    add(store, sample.named(&["app:1"])).await;

    join_all((0..CALLERS).map(async |caller| {
        for n in 0..TAGS {
            let to = format!("caller{caller}:{n}");
            tag(store, &named("app:1"), &to, caller * TAGS + n).await;
            assert_eq!(found(store, &named(&to)).await.image, sample.image, "{to}");
        }
    }))
    .await;

    let found = found(store, &named("app:1")).await;
    let count = u64::try_from(CALLERS * TAGS).expect("positive") + 1;
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 1,
            names: count,
            ..Counts::default()
        }
    );
    assert_eq!(u64::try_from(found.names.len()).expect("fits"), count);
    assert!(found.names.is_sorted());
    assert_eq!(found.last_tagged_at, Some(at(CALLERS * TAGS - 1)));
}

/// While additions with several images and names are made, no reader sees a part of one.
pub async fn readers_see_whole_additions(store: &dyn ImageStore) {
    const ADDITIONS: usize = 24;
    let additions: Vec<_> = (0..ADDITIONS)
        .map(|n| {
            let (one, two) = (
                Sample::new(&format!("one {n}")),
                Sample::new(&format!("two {n}")),
            );
            let names = [format!("a:{n}"), format!("b:{n}")];
            (one.id(), two.id(), names, one, two)
        })
        .collect();
    let write = async {
        join_all(additions.iter().map(async |(_, _, names, one, two)| {
            let addition = together([one.named(&[&names[0]]), two.named(&[&names[1]])]);
            add(store, addition).await;
        }))
        .await;
    };
    let ids: Vec<_> = additions
        .iter()
        .flat_map(|(one, two, ..)| [*one, *two])
        .collect();
    let read = async {
        loop {
            let page = store.with_ids(&ids).await.expect("reads");
            for (one, two, names, ..) in &additions {
                let seen = |id| page.iter().find(|found| found.image.id == id);
                match (seen(*one), seen(*two)) {
                    (None, None) => {}
                    (Some(one), Some(two)) => {
                        let [a, b] = [0, 1].map(|at| crate::conformance::sample::name(&names[at]));
                        assert_eq!((&one.names, &two.names), (&vec![a], &vec![b]));
                    }
                    parts => panic!("a part of an addition is seen: {parts:?}"),
                }
            }
            let counts = store.counts().await.expect("counts");
            assert_eq!(counts.images, counts.names);
            if page.len() == 2 * ADDITIONS {
                break;
            }
        }
    };
    join(write, read).await;
}

/// A failing request does not affect others that run at the same time.
pub async fn a_failing_neighbour_does_no_harm(store: &dyn ImageStore) {
    let results = join_all((0..40).map(async |n| {
        let sample = Sample::new(&format!("sample {n}"));
        let mut addition = sample.named(&[&format!("app:{n}")]);
        if n % 3 == 0 {
            addition.documents.clear();
        }
        (n, sample, store.add(addition).await)
    }))
    .await;

    for (n, sample, result) in results {
        let found = find(store, &Query::Id(sample.id())).await;
        if n % 3 == 0 {
            assert!(
                matches!(result, Err(Error::Incomplete { .. })),
                "{result:?}"
            );
            assert_eq!(found, None);
        } else {
            assert_eq!(result.expect("added").new_images, [sample.target()]);
            assert_eq!(found.expect("found").names, names(&[&format!("app:{n}")]));
        }
    }
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 26,
            names: 26,
            ..Counts::default()
        }
    );
}

/// Every image is tagged and removed at once, in both orders: a tag that succeeded is there with
/// its image, and there is no name without one.
pub async fn a_tag_and_a_removal_cannot_both_win(store: &dyn ImageStore) {
    let racers = racers();
    add_racers(store, &racers).await;

    join_all(racers.iter().enumerate().map(async |(n, (sample, name))| {
        let other = format!("other:{n}");
        let (source, removal) = (Query::Id(sample.id()), sample.removal(&[name]));
        let (tagged, removed) = if n % 2 == 0 {
            join(tag(store, &source, &other, 1), remove(store, &removal)).await
        } else {
            let (removed, tagged) =
                join(remove(store, &removal), tag(store, &source, &other, 1)).await;
            (tagged, removed)
        };
        if let Some(id) = tagged {
            assert_eq!((id, removed), (sample.id(), Removed::Changed));
            let found = found(store, &named(&other)).await;
            assert_eq!(found.image, sample.image);
            assert_eq!(found.names, names(&[name, &other]));
        } else {
            assert_eq!(removed, all_of(sample));
            assert_eq!(find(store, &named(&other)).await, None);
            assert_eq!(find(store, &source).await, None);
        }
    }))
    .await;

    let counts = store.counts().await.expect("counts");
    assert_eq!(counts.names, 2 * counts.images);
}

/// An image that is added while it is being removed, with blobs and documents that others share, is
/// complete.
pub async fn an_image_that_is_added_and_removed_is_whole_or_gone(store: &dyn StateStore) {
    const ROUNDS: usize = 8;
    let index = Sample::index("amd", "arm");
    let arm = Sample::new("arm");
    let removal = index.removal(&["app:1"]);
    let addition = index.named(&["app:1"]);
    add(store, arm.named(&["arm:1"])).await;

    join_all((0..ROUNDS).map(async |_| {
        join(add(store, addition.clone()), remove(store, &removal)).await;
        let found = find(store, &Query::Id(index.id())).await;
        if let Some(found) = found {
            assert_eq!(
                (found.image, found.names),
                (index.image.clone(), names(&["app:1"]))
            );
            assert_eq!(found.content_size, Some(200));
        }
    }))
    .await;

    add(store, addition.clone()).await;
    let Addition {
        documents, blobs, ..
    } = addition;
    for (digest, bytes) in documents {
        let document = store.document(digest).await.expect("reads");
        assert_eq!(document, Some(bytes));
    }
    for blob in blobs {
        let here = store.blobs_with_diff_ids(&[blob.diff_id]).await;
        assert_eq!(here.expect("reads"), [blob]);
    }
    assert_eq!(found(store, &named("arm:1")).await.image, arm.image);
}
