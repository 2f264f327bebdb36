//! Documents of images, and the sizes of their content.

use bytes::Bytes;
use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{Sample, add, found, named};
use crate::{Addition, ImageStore, Layer};

/// Every document is returned byte for byte, whatever its content.
pub async fn documents_are_kept(store: &dyn ImageStore) {
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

/// Layers count by diff_id, each time they occur. When one is not known, there is no sum; a foreign
/// one counts as 0, and one with a size of its own counts as that.
pub async fn content_size_is_the_sum_of_all_layers(store: &dyn ImageStore) {
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

    // Each variant has its own sum.
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
