//! Images that are added again with more variants, documents or blobs.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{Sample, add, at, everything, find, found, named, names, tag};
use crate::{Added, Addition, Counts, Image, ImageStore, StateStore};

/// The index with only some of its platforms, and their contents.
fn part(index: &Sample, present: &[usize]) -> Image {
    let variants: Vec<_> = present
        .iter()
        .map(|at| index.image.variants[*at].clone())
        .collect();
    Image {
        id: variants[0].config,
        variants,
        ..index.image.clone()
    }
}

fn only(index: &Sample, present: &[usize], under: &[&str]) -> Addition {
    Addition {
        images: vec![part(index, present)],
        ..index.named(under)
    }
}

/// An index that is added again with a platform that was missing has both, in the newer order.
pub async fn more_variants_are_added_to_an_image(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    let [amd, arm] = [0, 1].map(|at| index.image.variants[at].clone());
    add(store, only(&index, &[1], &["app:1"])).await;
    tag(store, &named("app:1"), "app:tagged", 7).await;
    assert_eq!(find(store, &Query::Id(amd.config)).await, None);

    let mut again = only(&index, &[0, 1], &["app:1", "app:2"]);
    again.images[0].loaded_at = at(99);
    let added = add(store, again).await;

    // Neither a new image nor one that a name was taken from.
    assert_eq!(added, Added::default());
    for digest in [amd.config, amd.manifest, arm.config, arm.manifest] {
        let found = found(store, &Query::Id(digest)).await;
        let variant = usize::from([arm.config, arm.manifest].contains(&digest));
        assert_eq!((&found.image, found.variant), (&index.image, variant));
        assert_eq!(found.names, names(&["app:1", "app:2", "app:tagged"]));
        assert_eq!(found.last_tagged_at, Some(at(7)));
        assert_eq!(found.content_size, Some(200));
    }
    let page = everything(store).await;
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].image, index.image);
    let layers: Vec<Digest> = [&amd, &arm]
        .iter()
        .flat_map(|variant| variant.layers.iter().map(|layer| layer.digest))
        .collect();
    assert_eq!(store.referenced(&layers).await.expect("reads"), layers);
    assert_eq!(
        store.counts().await.expect("counts"),
        Counts {
            images: 1,
            names: 3,
            ..Counts::default()
        }
    );
}

/// Variants that only the older image has stay, after those of the newer one.
pub async fn variants_that_do_not_come_again_stay(store: &dyn ImageStore) {
    let index = Sample::index("amd", "arm");
    add(store, only(&index, &[0], &["app:1"])).await;

    assert_eq!(add(store, only(&index, &[1], &[])).await, Added::default());

    let found = found(store, &named("app:1")).await;
    assert_eq!(found.image, part(&index, &[1, 0]));
    assert_eq!(found.config, "config of arm");

    // Fewer are nothing new, so nothing changes, not even the order.
    for present in [&[0][..], &[1], &[0, 1]] {
        add(store, only(&index, present, &[])).await;
        let again = crate::conformance::sample::found(store, &named("app:1")).await;
        assert_eq!(again, found);
    }
}

/// Documents and blobs besides the variants add up; the variants keep their order then.
pub async fn more_documents_and_blobs_are_added_to_an_image(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    let Image {
        documents, blobs, ..
    } = index.image.clone();
    let mut bare = only(&index, &[0, 1], &["app:1"]);
    bare.images[0].documents.clear();
    bare.images[0].blobs.clear();
    add(store, bare).await;
    assert_eq!(store.referenced(&blobs).await.expect("reads"), []);

    let added = add(store, only(&index, &[1], &[])).await;

    assert_eq!(added, Added::default());
    let image = found(store, &named("app:1")).await.image;
    assert_eq!(image, index.image);
    assert_eq!(store.referenced(&blobs).await.expect("reads"), blobs);
    let document = store.document(documents[0]).await.expect("reads");
    assert_eq!(document.expect("is kept"), "attestation of amd");
}
