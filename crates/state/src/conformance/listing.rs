use sockerless_reference::Query;

use super::sample::{Sample, add, found, name, named, tag};
use crate::{Counts, StateStore};

/// Pages go through all IDs in their order, with the same as `find` gives for each.
pub async fn pages_are_in_order_of_id(store: &dyn StateStore) {
    assert_eq!(store.page(None, 10).await.expect("pages"), []);
    let mut ids = Vec::new();
    for n in 0..11 {
        let word = format!("sample {n}");
        let sample = Sample::new(&word);
        add(store, sample.named(&[&format!("app:{n}")])).await;
        add(
            store,
            Sample::manifest(&word, "zstd").named(&[&format!("zstd:{n}")]),
        )
        .await;
        ids.push(sample.id());
    }
    tag(store, &Query::Id(ids[3]), "tagged:1", 8).await;
    // Its variant is no image of its own.
    let index = Sample::index("sample 0", "variant");
    add(store, index.named(&["index:1"])).await;
    ids.sort_unstable();

    for limit in [1, 3, 11, 12, usize::MAX] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.page(after, limit).await.expect("pages");
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(last.image.id);
            seen.extend(page);
        }
        assert_eq!(
            seen.iter().map(|found| found.image.id).collect::<Vec<_>>(),
            ids,
            "{limit}"
        );
        for one in seen {
            assert_eq!(one, found(store, &Query::Id(one.image.id)).await);
        }
    }
    assert_eq!(store.page(None, 0).await.expect("pages"), []);
    assert_eq!(store.page(Some(ids[10]), 5).await.expect("pages"), []);
}

/// Tags of one repository, by bytes, each with the target that its name points to.
pub async fn tags_of_a_repository_are_paged(store: &dyn StateStore) {
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
    // It need not be there to be gone past.
    assert_eq!(names(repository, Some("2"), 1).await, sorted[2..3]);
    assert_eq!(names("docker.io/library/ap", None, 9).await, []);
    assert_eq!(names("app", None, 9).await, []);
}

/// A page may be shorter than asked for, but only its end is empty, and it does not grow with what
/// configs bring.
pub async fn pages_of_large_configs_are_short(store: &dyn StateStore) {
    const CONFIG: usize = 700_000;
    for n in 0..7 {
        let sample = Sample::new(&format!("large {n}"));
        let mut addition = sample.named(&[]);
        for (digest, bytes) in &mut addition.documents {
            if *digest == sample.id() {
                *bytes = vec![b' '; CONFIG].into();
            }
        }
        add(store, addition).await;
    }
    let (mut seen, mut after) = (0, None);
    loop {
        let page = store.page(after, 100).await.expect("pages");
        assert!(page.len() * CONFIG < 4 << 20, "{}", page.len());
        let Some(last) = page.last() else { break };
        after = Some(last.image.id);
        seen += page.len();
    }
    assert_eq!(seen, 7);
}

/// Images are counted by ID, names one by one.
pub async fn counts_are_of_ids_and_names(store: &dyn StateStore) {
    let count = async || store.counts().await.expect("counts");
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
