//! Pages, places and counts of images and names.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{Sample, add, at, everything, found, name, named, pinned, tag};
use crate::{Counts, ImageStore, Removed};

/// Pages go through all IDs, the newest first, with the same as `find` gives for each.
pub async fn pages_are_newest_first(store: &dyn ImageStore) {
    assert_eq!(everything(store).await, []);
    let mut places = Vec::new();
    for n in 0..11 {
        let word = format!("sample {n}");
        // Several of one second, and some that do not say.
        let made = |sample: Sample| match n % 4 {
            0 => sample,
            n => sample.created(n),
        };
        let sample = made(Sample::new(&word));
        add(store, sample.named(&[&format!("app:{n}")])).await;
        let zstd = made(Sample::manifest(&word, "zstd"));
        add(store, zstd.named(&[&format!("zstd:{n}")])).await;
        places.push(sample.image.place());
    }
    tag(store, &Query::Id(places[3].id()), "tagged:1", 8).await;
    // Its variant is no image of its own.
    let index = Sample::index("sample 0", "variant");
    add(store, index.named(&["index:1"])).await;
    places.sort_unstable();
    let ids: Vec<_> = places.iter().map(|place| place.id()).collect();

    for limit in [1, 3, 11, 12, usize::MAX] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.places(after, limit).await.expect("pages");
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(*last);
            seen.extend(page);
        }
        assert_eq!(seen, places, "{limit}");
    }
    assert_eq!(store.places(None, 0).await.expect("pages"), []);
    assert_eq!(store.places(Some(places[10]), 5).await.expect("pages"), []);
    let all = everything(store).await;
    assert_eq!(all.len(), 11);
    for one in all {
        assert_eq!(one, found(store, &Query::Id(one.image.id)).await);
    }

    // In any order, repeatedly, and without unknown IDs.
    let asked = [ids[7], Digest::of("nobody"), ids[2], ids[7]];
    let found = store.with_ids(&asked).await.expect("reads");
    let found: Vec<_> = found.iter().map(|found| found.image.id).collect();
    assert_eq!(found, [ids[7], ids[2], ids[7]]);
    assert_eq!(store.with_ids(&[]).await.expect("reads"), []);
}

/// An image that gets another ID, because it gets another first variant, gets its place too.
pub async fn a_place_follows_the_first_variant(store: &dyn ImageStore) {
    let alone = Sample::new("alone").created(5);
    add(store, alone.named(&[])).await;
    let mut index = Sample::index("arm", "amd");
    index.image.variants[0].created = Some(at(9));
    index.image.variants[1].created = Some(at(1));
    add(store, index.named(&[])).await;
    let ids = async || -> Vec<_> {
        let page = everything(store).await;
        page.iter().map(|found| found.image.id).collect()
    };
    let [arm, amd] = [0, 1].map(|n| index.image.variants[n].clone());
    assert_eq!(ids().await, [arm.config, alone.id()]);
    let removed = store.remove_variants(index.target(), &[arm.manifest]).await;
    assert!(matches!(removed, Ok(Removed::Done { .. })), "{removed:?}");
    assert_eq!(ids().await, [alone.id(), amd.config]);
}

/// Names and repository digests are found by prefixes of their repositories, up to a limit.
pub async fn places_are_found_by_repository(store: &dyn ImageStore) {
    let one = Sample::new("one").created(1);
    let two = Sample::new("two").created(2);
    let three = Sample::new("three").created(3);
    add(store, one.named(&["app:1", "app:2", "app-x:1"])).await;
    add(store, two.named(&["h:5000/app/x:1"])).await;
    let mut addition = three.named(&[]);
    addition.repo_digests = vec![(pinned("h:5000/apps", three.target()), three.target())];
    add(store, addition).await;
    let [one, two, three] = [one, two, three].map(|sample| sample.image.place());
    for (beginnings, limit, expected) in [
        (&["docker.io/library/app"][..], 3, Some(vec![one])),
        (&["docker.io/library/app"], 2, None),
        (&["docker.io/library/app-"], 1, Some(vec![one])),
        (&["docker.io/library/app-y"], 0, Some(vec![])),
        (&["h:5000/app/"], 9, Some(vec![two])),
        (&["h:5000/app"], 9, Some(vec![three, two])),
        (&["h:5000/app"], 1, None),
        (&["", "h:5000/apps"], 9, Some(vec![three, two, one])),
        (&["app"], 9, Some(vec![])),
        (&[], 9, Some(vec![])),
    ] {
        let texts: Vec<_> = beginnings.iter().map(|text| (*text).to_owned()).collect();
        let places = store.places_in(&texts, limit).await.expect("reads");
        assert_eq!(places, expected, "{beginnings:?} up to {limit}");
    }
}

/// Tags of one repository, by bytes, each with the target that its name points to.
pub async fn tags_of_a_repository_are_paged(store: &dyn ImageStore) {
    let (one, two) = (Sample::manifest("one", "a"), Sample::manifest("one", "b"));
    add(
        store,
        one.named(&["app:b", "app:1.10", "app:_", "app-x:1", "x/app:1"]),
    )
    .await;
    add(store, two.named(&["app:1.9", "app:Z"])).await;
    tag(store, &named("app:_"), "app:a", 1).await;
    let repository = "docker.io/library/app";
    let sorted = [
        ("1.10", &one),
        ("1.9", &two),
        ("Z", &two),
        ("_", &one),
        ("a", &one),
        ("b", &one),
    ]
    .map(|(tag, sample)| (name(&format!("app:{tag}")), sample.target()));

    for limit in [1, 2, 6, usize::MAX] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store
                .names_of(repository, after.as_deref(), limit)
                .await
                .expect("pages");
            assert!(page.len() <= limit);
            let Some((last, _)) = page.last() else { break };
            after = last.tag().map(str::to_owned);
            seen.extend(page);
        }
        assert_eq!(seen, sorted, "{limit}");
    }
    let names = async |repository, after, limit| {
        let names = store.names_of(repository, after, limit).await;
        names.expect("pages")
    };
    assert_eq!(names(repository, None, 0).await, []);
    // A page may begin after a tag that does not exist.
    assert_eq!(names(repository, Some("2"), 1).await, sorted[2..3]);
    assert_eq!(names("docker.io/library/ap", None, 9).await, []);
    assert_eq!(names("app", None, 9).await, []);
}

/// There may be fewer than requested, so that a result does not grow with the sizes of configs.
pub async fn images_with_large_configs_are_few(store: &dyn ImageStore) {
    const CONFIG: usize = 700_000;
    let mut ids = Vec::new();
    for n in 0..7 {
        let sample = Sample::new(&format!("large {n}"));
        let mut addition = sample.named(&[]);
        for (digest, bytes) in &mut addition.documents {
            if *digest == sample.id() {
                *bytes = vec![b' '; CONFIG].into();
            }
        }
        add(store, addition).await;
        ids.push(sample.id());
    }
    let mut rest = &ids[..];
    while !rest.is_empty() {
        let page = store.with_ids(rest).await.expect("reads");
        assert!(page.len() * CONFIG < 4 << 20, "{}", page.len());
        let seen: Vec<_> = page.iter().map(|found| found.image.id).collect();
        assert!(!seen.is_empty());
        assert!(rest.starts_with(&seen));
        rest = &rest[seen.len()..];
    }
}

/// Images are counted by ID, names one by one.
pub async fn counts_are_of_ids_and_names(store: &dyn ImageStore) {
    let count = async || {
        let counts = store.counts().await.expect("counts");
        let few = store.images_and_containers().await.expect("counts");
        assert_eq!(few, (counts.images, counts.containers));
        counts
    };
    assert_eq!(
        count().await,
        Counts {
            images: 0,
            names: 0,
            ..Counts::default()
        }
    );
    add(store, Sample::new("one").named(&["a:1", "b:1"])).await;
    assert_eq!(
        count().await,
        Counts {
            images: 1,
            names: 2,
            ..Counts::default()
        }
    );
    add(
        store,
        Sample::manifest("one", "zstd").named(&["b:1", "c:1"]),
    )
    .await;
    assert_eq!(
        count().await,
        Counts {
            images: 1,
            names: 3,
            ..Counts::default()
        }
    );
    add(store, Sample::index("two", "three").named(&[])).await;
    assert_eq!(
        count().await,
        Counts {
            images: 2,
            names: 3,
            ..Counts::default()
        }
    );
}
