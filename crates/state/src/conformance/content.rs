use bytes::Bytes;
use sockerless_reference::{Digest, Query};

use super::sample::{Sample, add, found, named};
use crate::{Addition, Layer, StateStore};

/// Every document comes back byte for byte, whatever is in it.
pub async fn documents_are_kept(store: &dyn StateStore) {
    let mut addition = Sample::index("one", "two").named(&[]);
    let odd = [
        Bytes::new(),
        Bytes::from_static(b"\0\xff\xfe"),
        Bytes::from(vec![7; 1 << 20]),
    ];
    addition
        .documents
        .extend(odd.map(|bytes| (Digest::of(&bytes), bytes)));
    add(store, addition.clone()).await;

    for (digest, bytes) in addition.documents {
        assert_eq!(store.document(digest).await.expect("reads"), Some(bytes));
    }
    assert_eq!(
        store.document(Digest::of("nothing")).await.expect("reads"),
        None
    );
}

/// All blobs with one of the diff_ids, however they are compressed, in the order asked for.
pub async fn blobs_are_found_by_diff_id(store: &dyn StateStore) {
    let (gzip, zstd) = (
        Sample::manifest("one", "gzip"),
        Sample::manifest("one", "zstd"),
    );
    let other = Sample::new("other");
    let mut expected = Vec::new();
    for sample in [&gzip, &zstd, &other] {
        let addition = sample.named(&[]);
        expected.extend(addition.blobs.clone());
        add(store, addition).await;
    }
    let blobs =
        async |diff_ids: &[Digest]| store.blobs_with_diff_ids(diff_ids).await.expect("reads");
    let [base, top] = [0, 1].map(|at| gzip.layers()[at].diff_id);

    let found = blobs(&[top, Digest::of("nothing"), base]).await;

    let order: Vec<Digest> = found.iter().map(|blob| blob.diff_id).collect();
    assert_eq!(order, [top, top, base, base]);
    for blob in expected {
        assert_eq!(
            found.contains(&blob),
            [base, top].contains(&blob.diff_id),
            "{blob:?}"
        );
    }
    assert_eq!(blobs(&[]).await, []);
}

/// Layers count by diff_id, each time they occur. When one is not known, there is no sum; a foreign
/// one counts nothing, and one with a size of its own counts that.
pub async fn content_size_is_the_sum_of_all_layers(store: &dyn StateStore) {
    let known = Sample::new("one");
    let repeating = |word: &str, more: Layer| {
        let mut sample = Sample::manifest("one", word);
        let layers = &mut sample.image.variants[0].layers;
        let base = layers[0].clone();
        layers.extend([base.clone(), base, more]);
        let mut addition = sample.named(&[&format!("{word}:1")]);
        addition.blobs.clear();
        addition
    };
    let unknown = Layer {
        diff_id: Digest::of("an unknown tar"),
        ..known.layers()[0].clone()
    };
    let foreign = Layer {
        urls: vec!["https://example.com/layer".to_owned()],
        ..unknown.clone()
    };
    let told = Layer {
        content_size: Some(7),
        ..unknown.clone()
    };
    let size = async |name: &str| found(store, &named(name)).await.content_size;
    for (word, more) in [("unknown", unknown), ("foreign", foreign), ("told", told)] {
        add(store, repeating(word, more)).await;
        assert_eq!(size(&format!("{word}:1")).await, None, "{word}");
    }

    let blobs = known.named(&[]).blobs;
    add(
        store,
        Addition {
            blobs,
            ..Addition::default()
        },
    )
    .await;
    assert_eq!(size("unknown:1").await, None);
    assert_eq!(size("foreign:1").await, Some(400));
    assert_eq!(size("told:1").await, Some(407));

    // Each variant has its own.
    let index = Sample::index("three", "two");
    let mut addition = index.named(&[]);
    for blob in &mut addition.blobs[2..] {
        blob.content_size = 1;
    }
    add(store, addition).await;
    for (variant, size) in [(0, 200), (1, 2)] {
        let config = index.image.variants[variant].config;
        let found = found(store, &Query::Id(config)).await;
        assert_eq!(
            (found.image.target, found.content_size),
            (index.target(), Some(size))
        );
    }
}

/// Layers of every variant and other blobs are referenced; a blob that is only recorded is not.
pub async fn references_are_known(store: &dyn StateStore) {
    let (index, loose) = (Sample::index("one", "two"), Sample::new("loose"));
    let mut addition = index.named(&[]);
    // The bytes need not be here to be referenced.
    addition.blobs = loose.named(&[]).blobs;
    add(store, addition).await;

    let layers = index
        .image
        .variants
        .iter()
        .flat_map(|variant| &variant.layers);
    let mut referenced: Vec<Digest> = layers.map(|layer| layer.digest).collect();
    referenced.extend(&index.image.blobs);
    assert_eq!(referenced.len(), 5);
    let mut asked = vec![loose.layers()[0].digest, Digest::of("nothing")];
    asked.extend(&referenced);
    asked.push(loose.layers()[1].digest);

    assert_eq!(store.referenced(&asked).await.expect("reads"), referenced);
    assert_eq!(store.referenced(&[]).await.expect("reads"), []);
}
