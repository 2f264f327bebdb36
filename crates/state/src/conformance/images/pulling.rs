//! Repository digests of images, and pushes.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{
    STAGING, Sample, add, at, everything, find, form, found, locations, name, named, names, pinned,
    places, tag,
};
use crate::{Addition, Counts, Error, ImageStore, StateStore};

/// Every image with an ID shows the repository digests of all of them, sorted.
pub async fn repository_digests_are_shown_by_id(store: &dyn ImageStore) {
    let (one, two) = (Sample::manifest("one", "a"), Sample::manifest("one", "b"));
    let other = Sample::new("other");
    let foreign = Digest::of("a staged manifest");
    let mut addition = one.named(&["one:1"]);
    addition.repo_digests = vec![
        (pinned("z", one.target()), one.target()),
        (pinned(STAGING, foreign), one.target()),
        (pinned("a", foreign), one.target()),
    ];
    add(store, addition.clone()).await;
    let mut addition_of_two = two.named(&["two:1"]);
    addition_of_two.repo_digests = vec![(pinned("m", two.target()), two.target())];
    add(store, addition_of_two).await;
    add(store, other.named(&["other:1"])).await;

    let mut all = vec![
        pinned("a", foreign),
        pinned("m", two.target()),
        pinned("z", one.target()),
        pinned(STAGING, foreign),
    ];
    all.sort_unstable();
    for query in [named("one:1"), named("two:1"), Query::Id(one.id())] {
        assert_eq!(found(store, &query).await.repo_digests, all, "{query}");
    }
    assert_eq!(found(store, &named("other:1")).await.repo_digests, []);
    let page = everything(store).await;
    assert!(page.iter().any(|found| found.repo_digests == all));
    // They are not names.
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.images, counts.names), (2, 3));
    add(store, addition).await;
    assert_eq!(found(store, &named("one:1")).await.repo_digests, all);
}

/// `name@digest` finds the image that can be pulled under it, with any tag or none, without a name
/// in the repository; and it takes precedence over an image that has the digest itself.
pub async fn a_repository_digest_finds(store: &dyn ImageStore) {
    let (index, other) = (Sample::index("amd", "arm"), Sample::new("other"));
    let (whole, of_arm) = (
        Digest::of("staged index"),
        Digest::of("staged manifest of arm"),
    );
    add(store, other.named(&["other:1"])).await;
    let mut addition = index.named(&[]);
    let arm = &index.image.variants[1];
    let under = [
        (whole, 0),
        (of_arm, 1),
        (index.target(), 0),
        (arm.manifest, 1),
    ];
    addition.repo_digests = under
        .iter()
        .map(|(digest, _)| (pinned("far/away", *digest), index.target()))
        .collect();
    let staging = form(&index, 1, "docker.io/far/away", "staged manifest of arm");
    addition.documents.extend(staging.documents);
    addition.staged.extend(staging.staged);
    add(store, addition).await;

    for (digest, variant) in under {
        for tag in ["", ":unknown"] {
            let query = named(&format!("far/away{tag}@{digest}"));
            let found = found(store, &query).await;
            assert_eq!(
                (&found.image, found.variant),
                (&index.image, variant),
                "{query}"
            );
            assert_eq!(found.names, []);
        }
        let elsewhere = named(&format!("other@{digest}"));
        assert_eq!(find(store, &elsewhere).await, None);
    }
    let unknown = named(&format!("far/away@{}", other.target()));
    assert_eq!(find(store, &unknown).await, None);
    let query = named(&format!("far/away@{of_arm}"));
    assert_eq!(tag(store, &query, "tagged:1", 1).await, Some(index.id()));

    // It moves to the image that was pushed there last.
    let repo_digests = vec![
        (pinned("far/away", of_arm), index.target()),
        (pinned("far/away", of_arm), other.target()),
        (pinned("tagged", index.target()), other.target()),
    ];
    let moving = Addition {
        repo_digests,
        ..Addition::default()
    };
    add(store, moving).await;
    assert_eq!(found(store, &query).await.image, other.image);
    let own = named(&format!("tagged@{}", index.target()));
    assert_eq!(found(store, &own).await.image, other.image);
    assert_eq!(
        found(store, &named("other:1")).await.repo_digests,
        [pinned("far/away", of_arm), pinned("tagged", index.target())]
    );
    assert_eq!(
        found(store, &Query::Id(index.id()))
            .await
            .repo_digests
            .len(),
        3
    );
}

/// A push adds to an existing image, and to nothing else.
pub async fn a_push_is_recorded(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&["app:1"])).await;
    tag(store, &named("app:1"), "r.example/app:1", 5).await;
    let pushed = [pinned("r.example/app", sample.target())];
    let blobs = places(&[("base", "r.example/app"), ("top", "r.example/app")]);
    let [base, top] = ["base", "top"].map(Digest::of);

    let nothing = store
        .record_push(Digest::of("nothing"), &pushed, &blobs)
        .await;
    assert!(!nothing.expect("records"));
    assert_eq!(locations(store, &[base, top]).await, []);
    assert_eq!(found(store, &named("app:1")).await.repo_digests, []);

    // The ID is not a target.
    assert!(
        !store
            .record_push(sample.id(), &pushed, &[])
            .await
            .expect("records")
    );

    let bad = [pushed[0].clone(), name("r.example/app:1")];
    let error = store.record_push(sample.target(), &bad, &blobs).await;
    let error = error.expect_err("a name");
    assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
    assert_eq!(found(store, &named("app:1")).await.repo_digests, []);

    for _ in 0..2 {
        let recorded = store.record_push(sample.target(), &pushed, &blobs).await;
        assert!(recorded.expect("records"));
        let found = found(store, &named("app:1")).await;
        assert_eq!(found.repo_digests, pushed);
        assert_eq!(found.names, names(&["app:1", "r.example/app:1"]));
        assert_eq!(found.last_tagged_at, Some(at(5)));
        assert_eq!(locations(store, &[base, top]).await, blobs);
    }
    let query = named(&format!("r.example/app@{}", sample.target()));
    assert_eq!(found(store, &query).await.image, sample.image);
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 1,
            names: 2,
            ..Counts::default()
        }
    );
}
