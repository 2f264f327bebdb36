use futures_util::future::{join, join_all};
use sockerless_reference::Query;

use super::sample::{Sample, add, at, find, found, named, names, tag, together};
use crate::{Counts, Error, StateStore};

/// Many callers tag at once and look at once: every tag that was answered is there.
pub async fn concurrent_tags_are_all_kept(store: &dyn StateStore) {
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
            names: count
        }
    );
    assert_eq!(u64::try_from(found.names.len()).expect("fits"), count);
    assert!(found.names.is_sorted());
    assert_eq!(found.last_tagged_at, Some(at(CALLERS * TAGS - 1)));
}

/// While additions with several images and names are made, nobody sees a part of one.
pub async fn readers_see_whole_additions(store: &dyn StateStore) {
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
    let read = async {
        loop {
            let page = store.page(None, usize::MAX).await.expect("pages");
            for (one, two, names, ..) in &additions {
                let seen = |id| page.iter().find(|found| found.image.id == id);
                match (seen(*one), seen(*two)) {
                    (None, None) => {}
                    (Some(one), Some(two)) => {
                        let [a, b] = [0, 1].map(|at| super::sample::name(&names[at]));
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

/// Requests that fail, among others that are made at the same time, fail alone.
pub async fn a_failing_neighbour_does_no_harm(store: &dyn StateStore) {
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
            names: 26
        }
    );
}
