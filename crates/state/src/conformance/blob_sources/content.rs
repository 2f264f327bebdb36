//! Recorded blobs, and the images that need them.

use sockerless_reference::Digest;

use crate::StateStore;
use crate::conformance::sample::{Sample, add};

/// All blobs with one of the diff_ids, however they are compressed, in the order of the request.
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
