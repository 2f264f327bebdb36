//! Removing images, names and what only they need.

use sockerless_reference::{Digest, Query, Reference};

use crate::conformance::containers::page;
use crate::conformance::sample::{
    STAGING, Sample, add, everything, find, form, found, locations, name, named, names, pinned,
    places, prefix, released, remove, tag, together,
};
use crate::{
    Addition, Container, ContainerAdded, Counts, Encoding, Error, Found, Removal, Removed,
    StateStore,
};

/// The image, pulled under a digest too.
pub(super) fn pulled(sample: &Sample, under: &[&str], repository: &str) -> Addition {
    Addition {
        repo_digests: vec![(pinned(repository, sample.target()), sample.target())],
        ..sample.named(under)
    }
}

pub(super) fn layers(sample: &Sample) -> Vec<Digest> {
    let layers = sample
        .image
        .variants
        .iter()
        .flat_map(|variant| &variant.layers);
    layers.map(|layer| layer.digest).collect()
}

/// A snapshot of everything that the store shows.
pub(super) async fn shown(store: &dyn StateStore) -> (Vec<Found>, Vec<Container>, Counts) {
    let images = everything(store).await;
    let containers = page(store, None, usize::MAX).await;
    (images, containers, store.counts().await.expect("counts"))
}

/// Every document of the addition is here, every layer referenced and every blob known.
pub(super) async fn assert_whole(store: &dyn StateStore, sample: &Sample) {
    let addition = sample.named(&[]);
    for (digest, bytes) in addition.documents {
        let document = store.document(digest).await.expect("reads");
        assert_eq!(document, Some(bytes));
    }
    let layers = layers(sample);
    assert_eq!(store.referenced(&layers).await.expect("reads"), layers);
    for blob in addition.blobs {
        let known = store.blobs_with_diff_ids(&[blob.diff_id]).await;
        assert!(known.expect("reads").contains(&blob), "{blob:?}");
    }
}

/// Documents and blobs that no other image needs are removed with the image, staged forms too;
/// records of registries stay.
pub async fn an_image_goes_with_all_that_only_it_needs(store: &dyn StateStore) {
    let (index, arm) = (Sample::index("amd", "arm"), Sample::new("arm"));
    let all = together([
        pulled(&index, &["app:1", "app:2"], "app"),
        form(&index, 0, STAGING, "staged amd"),
        form(&index, 1, STAGING, "staged arm"),
        arm.named(&["arm:1"]),
    ]);
    let amd = index.image.variants[0].clone();
    let base = amd.layers[0].clone();
    let shared = arm.named(&[]);
    let documents: Vec<Digest> = all.documents.iter().map(|(digest, _)| *digest).collect();
    let known = [Encoding {
        diff_id: base.diff_id,
        encoding: "zstd".to_owned(),
        digest: base.digest,
        size: 20,
    }];
    let stored = places(&[("base of amd ", STAGING)]);
    add(store, all).await;
    store.remember(&known, &stored).await.expect("remembers");
    // A staged form that was replaced is a document of the image.
    add(store, form(&index, 1, STAGING, "staged arm again")).await;
    let before = found(store, &named("arm:1")).await;

    let removed = remove(
        store,
        &Removal {
            repo_digests: vec![pinned("app", index.target())],
            ..index.removal(&["app:1", "app:2"])
        },
    )
    .await;

    let mut gone: Vec<Digest> = amd.layers.iter().map(|layer| layer.digest).collect();
    gone.extend(&index.image.blobs);
    assert_eq!(store.referenced(&gone).await.expect("reads"), []);
    assert_eq!(removed, released(gone));
    for digest in [amd.config, amd.manifest, index.target()] {
        assert_eq!(find(store, &Query::Id(digest)).await, None);
    }
    assert_eq!(find(store, &prefix(index.id(), 64)).await, None);
    for text in ["app:1", "app:2", &format!("app@{}", index.target())] {
        assert_eq!(find(store, &named(text)).await, None, "{text}");
    }
    for document in documents
        .into_iter()
        .chain([Digest::of("staged arm again")])
    {
        let kept = shared
            .documents
            .iter()
            .find(|(digest, _)| *digest == document);
        assert_eq!(
            store.document(document).await.expect("reads"),
            kept.map(|(_, bytes)| bytes.clone())
        );
    }
    let diff_ids: Vec<Digest> = amd.layers.iter().map(|layer| layer.diff_id).collect();
    let blobs = store.blobs_with_diff_ids(&diff_ids).await.expect("reads");
    assert_eq!(blobs, []);
    let staged = store.staged(index.target(), STAGING).await;
    assert_eq!(staged.expect("reads"), []);

    // The image that shares a variant is unchanged.
    assert_eq!(found(store, &named("arm:1")).await, before);
    assert_whole(store, &arm).await;
    let page = everything(store).await;
    assert_eq!(page, [before]);
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.images, counts.names), (1, 1));

    let encodings = store.encodings(&[base.diff_id], "zstd").await;
    assert_eq!(encodings.expect("reads"), known);
    assert_eq!(locations(store, &[base.digest]).await, stored);
}

/// All targets with the ID are removed, each with its names and with what only they share.
pub async fn images_with_one_id_go_together(store: &dyn StateStore) {
    let (gzip, zstd) = (
        Sample::manifest("one", "gzip"),
        Sample::manifest("one", "zstd"),
    );
    let index = Sample::index("two", "one");
    add(store, pulled(&gzip, &["gzip:1"], "gzip")).await;
    add(store, pulled(&zstd, &["zstd:1"], "zstd")).await;
    add(store, index.named(&["index:1"])).await;
    let before = found(store, &named("index:1")).await;
    let mut removal = gzip.removal(&["zstd:1", "gzip:1"]);
    removal.repo_digests = vec![pinned("gzip", gzip.target()), pinned("zstd", zstd.target())];

    let removed = remove(store, &removal).await;

    let gone = [layers(&gzip), layers(&zstd)].concat();
    assert_eq!(removed, released(gone));
    for sample in [&gzip, &zstd] {
        let document = store.document(sample.target()).await.expect("reads");
        assert_eq!(document, None);
        assert_eq!(find(store, &Query::Id(sample.target())).await, None);
    }
    // A variant of another image has the config, and is found by it now.
    let now = found(store, &Query::Id(gzip.id())).await;
    assert_eq!((&now.image, now.variant), (&index.image, 1));
    assert_eq!(found(store, &named("index:1")).await, before);
    assert_whole(store, &index).await;
    assert_eq!(remove(store, &removal).await, Removed::Changed);
}

/// Whatever differs from the removal: then nothing at all is removed.
pub async fn a_removal_of_what_has_changed_is_refused(store: &dyn StateStore) {
    let (sample, other) = (Sample::new("one"), Sample::new("other"));
    let second = Sample::manifest("one", "second");
    let here = pinned("app", sample.target());
    let there = pinned("other", other.target());
    add(store, pulled(&sample, &["app:1", "app:2"], "app")).await;
    add(store, second.named(&[])).await;
    add(store, pulled(&other, &["other:1"], "other")).await;
    let added = store.add_container(&second.container('c', "user")).await;
    assert_eq!(added.expect("adds"), ContainerAdded::Added);
    let before = shown(store).await;

    let all: &[&str] = &["app:1", "app:2"];
    let only = std::slice::from_ref(&here);
    let nowhere = pinned("nowhere", sample.target());
    type Case<'a> = (&'a str, &'a [&'a str], Vec<Reference>, bool, bool);
    let cases: [Case<'_>; 9] = [
        (
            "a name is gone",
            &["app:1", "app:gone"],
            vec![],
            false,
            false,
        ),
        (
            "a name has moved",
            &["app:1", "other:1"],
            vec![],
            false,
            false,
        ),
        ("a pin is gone", &["app:1"], vec![nowhere], false, false),
        ("a pin has moved", &["app:1"], vec![there], false, false),
        ("a further name", &["app:1"], only.to_vec(), true, true),
        ("a further pin", all, vec![], true, true),
        ("no name is told", &[], only.to_vec(), true, true),
        ("a container", all, only.to_vec(), true, false),
        (
            "one name too many",
            &["app:1", "app:2", "app:3"],
            only.to_vec(),
            true,
            true,
        ),
    ];
    for (what, names, repo_digests, images, although_used) in cases {
        let removal = Removal {
            repo_digests,
            images,
            although_used,
            ..sample.untagging(names)
        };
        assert_eq!(remove(store, &removal).await, Removed::Changed, "{what}");
        assert_eq!(shown(store).await, before, "{what}");
        for sample in [&sample, &second, &other] {
            assert_whole(store, sample).await;
        }
    }

    // There is no such image, or no longer.
    for images in [true, false] {
        let removal = Removal {
            images,
            id: sample.target(),
            ..sample.untagging(all)
        };
        assert_eq!(remove(store, &removal).await, Removed::Changed);
    }
    let unknown = Removal {
        id: Digest::of("nothing"),
        ..sample.removal(&[])
    };
    assert_eq!(remove(store, &unknown).await, Removed::Changed);
    assert_eq!(shown(store).await, before);

    let right = Removal {
        repo_digests: only.to_vec(),
        although_used: true,
        ..sample.removal(all)
    };
    let gone = [layers(&sample), layers(&second)].concat();
    assert_eq!(remove(store, &right).await, released(gone));
}

/// An invalid name, such as one without a tag, is an error and not [`Removed::Changed`].
pub async fn what_can_never_be_here_cannot_be_removed(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, pulled(&sample, &["app:1"], "app")).await;
    let before = shown(store).await;
    let digest = pinned("app", sample.target());

    for (wrong_name, wrong_pin) in [
        (Some(digest.clone()), None),
        (Some(name("app")), None),
        (None, Some(name("app:1"))),
        (None, Some(name("app"))),
        (None, Some(name(&format!("app:1@{}", sample.target())))),
    ] {
        let mut removal = sample.untagging(&["app:1"]);
        removal.names.extend(wrong_name);
        removal.repo_digests.extend(wrong_pin);
        let error = store.remove(&removal).await.expect_err("refused");
        assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
        assert_eq!(shown(store).await, before);
    }
}

/// An image that is added again is new, without data of the removed one.
pub async fn what_was_removed_can_be_added_again(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    let addition = pulled(&index, &["app:1"], "app");
    let first = add(store, addition.clone()).await;
    assert_eq!(first.new_images, [index.target()]);
    tag(store, &named("app:1"), "app:2", 7).await;
    add(store, form(&index, 0, STAGING, "staged amd")).await;
    let removal = Removal {
        repo_digests: vec![pinned("app", index.target())],
        ..index.removal(&["app:1", "app:2"])
    };
    let gone = [layers(&index), index.image.blobs.clone()].concat();

    assert_eq!(remove(store, &removal).await, released(gone));
    assert_eq!(shown(store).await, (vec![], vec![], Counts::default()));
    assert_eq!(add(store, addition).await, first);

    let now = found(store, &named("app:1")).await;
    assert_eq!((&now.image, now.names), (&index.image, names(&["app:1"])));
    assert_eq!(now.last_tagged_at, None);
    assert_eq!(now.content_size, Some(200));
    assert_whole(store, &index).await;
    let staged = store.staged(index.target(), STAGING).await;
    assert_eq!(staged.expect("reads"), []);
}
