use sockerless_reference::Query;

use super::sample::{Sample, add, found, tag};
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

/// Images are counted by ID, names one by one.
pub async fn counts_are_of_ids_and_names(store: &dyn StateStore) {
    let count = async || store.counts().await.expect("counts");
    assert_eq!(
        count().await,
        Counts {
            images: 0,
            names: 0
        }
    );
    add(store, Sample::new("one").named(&["a:1", "b:1"])).await;
    assert_eq!(
        count().await,
        Counts {
            images: 1,
            names: 2
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
            names: 3
        }
    );
    add(store, Sample::index("two", "three").named(&[])).await;
    assert_eq!(
        count().await,
        Counts {
            images: 2,
            names: 3
        }
    );
}
