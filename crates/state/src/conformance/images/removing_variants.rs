//! Removing single variants of images.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{
    STAGING, Sample, add, at, everything, find, form, found, named, names, pinned, released,
    remove, tag, together,
};
use crate::{
    Addition, ContainerAdded, Image, ImageStore, Removal, Removed, Staged, StateStore, Variant,
};

async fn remove_variants(store: &dyn ImageStore, target: Digest, manifests: &[Digest]) -> Removed {
    let removed = store.remove_variants(target, manifests).await;
    removed.expect("removing works")
}

fn layers(variant: &Variant) -> Vec<Digest> {
    variant.layers.iter().map(|layer| layer.digest).collect()
}

/// The first of the others becomes the default one. The image is still found as before; what
/// belonged to the variant alone is removed.
pub async fn a_variant_goes_with_all_that_only_it_needs(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    let [amd, arm] = [0, 1].map(|at| index.image.variants[at].clone());
    let staged = [
        form(&index, 0, STAGING, "staged amd"),
        form(&index, 1, STAGING, "staged arm"),
    ];
    let [staged_amd, staged_arm] = [0, 1].map(|at| staged[at].staged[0].clone());
    add(store, index.named(&["app:1", "app:2"])).await;
    add(store, together(staged)).await;
    let kept = [
        pinned("app", index.target()),
        pinned("app", arm.manifest),
        pinned(STAGING, staged_arm.manifest),
    ];
    let lost = [
        pinned("app", amd.manifest),
        pinned(STAGING, staged_amd.manifest),
    ];
    let pushed = [&kept[..], &lost].concat();
    let recorded = store.record_push(index.target(), &pushed, &[]).await;
    assert!(recorded.expect("records"));
    tag(store, &named("app:1"), "app:3", 7).await;

    let removed = remove_variants(store, index.target(), &[amd.manifest]).await;

    assert_eq!(removed, released(layers(&amd)));
    let rest = Image {
        id: arm.config,
        variants: vec![arm.clone()],
        ..index.image.clone()
    };
    let mut finding = vec![named("app:1"), named("app:2"), named("app:3")];
    finding.extend([index.target(), arm.config, arm.manifest].map(Query::Id));
    finding.extend(kept.iter().map(|pinned| named(&pinned.to_string())));
    for query in finding {
        let found = found(store, &query).await;
        assert_eq!((&found.image, found.variant), (&rest, 0), "{query}");
        assert_eq!(found.config, "config of arm");
        assert_eq!(found.names, names(&["app:1", "app:2", "app:3"]));
        assert_eq!(found.last_tagged_at, Some(at(7)));
        let mut pins = kept.to_vec();
        pins.sort_unstable();
        assert_eq!(found.repo_digests, pins);
    }
    for digest in [amd.config, amd.manifest] {
        assert_eq!(find(store, &Query::Id(digest)).await, None);
    }
    for pinned in lost {
        let query = named(&pinned.to_string());
        assert_eq!(find(store, &query).await, None, "{query}");
    }
    let page = everything(store).await;
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].image, rest);

    for gone in [amd.config, amd.manifest, staged_amd.manifest] {
        assert_eq!(store.document(gone).await.expect("reads"), None);
    }
    let mut documents = vec![
        index.target(),
        arm.config,
        arm.manifest,
        staged_arm.manifest,
    ];
    documents.extend(&rest.documents);
    for kept in documents {
        assert!(store.document(kept).await.expect("reads").is_some());
    }
    let blobs = [layers(&amd), layers(&arm), rest.blobs].concat();
    assert_eq!(store.referenced(&blobs).await.expect("reads"), blobs[2..]);
    let diff_id = amd.layers[0].diff_id;
    let known = store.blobs_with_diff_ids(&[diff_id]).await;
    assert_eq!(known.expect("reads"), []);
    let staged = store.staged(index.target(), STAGING).await;
    assert_eq!(staged.expect("reads"), [staged_arm]);

    // Everything that is left is removed with the image.
    let removal = Removal {
        id: arm.config,
        repo_digests: kept.to_vec(),
        ..index.removal(&["app:1", "app:2", "app:3"])
    };
    assert_eq!(remove(store, &removal).await, released(blobs[2..].to_vec()));
    assert_eq!(store.document(index.target()).await.expect("reads"), None);
}

/// Layers and documents that a remaining variant or another image has.
pub async fn what_other_variants_and_images_need_stays(store: &dyn StateStore) {
    let mut index = Sample::index("amd", "arm");
    let [amd, arm] = [0, 1].map(|at| index.image.variants[at].clone());
    // One manifest for two platforms, and a base that all have.
    let mut v7 = arm.clone();
    v7.platform.variant = Some("v7".to_owned());
    index.image.variants.push(v7);
    let base = amd.layers[0].clone();
    for variant in &mut index.image.variants[1..] {
        variant.layers.push(base.clone());
    }
    add(store, index.named(&["app:1"])).await;
    // The config in another manifest too. It is staged, once in its own form, and stays staged.
    let mut zstd = amd.clone();
    zstd.manifest = Digest::of("zstd");
    let mut wider = index.named(&[]);
    wider.images[0].variants.push(zstd.clone());
    wider.documents.push((zstd.manifest, "zstd".into()));
    let own = pinned("r.example/own", amd.manifest);
    wider.repo_digests.push((own.clone(), index.target()));
    wider.staged.push(Staged {
        target: index.target(),
        config: amd.config,
        repository: own.repository().to_owned(),
        manifest: amd.manifest,
    });
    let staged = form(&index, 0, STAGING, "staged amd");
    let forms = [staged.staged.clone(), wider.staged.clone()];
    add(store, together([wider, staged])).await;
    let plain = Sample::new("arm");
    add(store, plain.named(&["plain:1"])).await;
    let before = found(store, &named("plain:1")).await;

    // The index loses the ID, which is that of the plain image alone.
    let removed = remove_variants(store, index.target(), &[arm.manifest]).await;
    assert_eq!(removed, released(vec![]));
    let now = found(store, &named("app:1")).await;
    assert_eq!(now.image.variants, [amd.clone(), zstd.clone()]);
    assert_eq!(found(store, &Query::Id(arm.config)).await, before);

    let removed = remove_variants(store, index.target(), &[amd.manifest, amd.manifest]).await;
    assert_eq!(removed, released(vec![]));
    let now = found(store, &named("app:1")).await;
    assert_eq!(
        (now.image.id, now.config),
        (amd.config, "config of amd".into())
    );
    assert_eq!(now.image.variants, [zstd]);
    assert_eq!(now.content_size, Some(200));
    let found_again = found(store, &Query::Id(amd.config)).await;
    assert_eq!((found_again.image, found_again.variant), (now.image, 0));
    let pulled = found(store, &named(&own.to_string())).await;
    assert_eq!(pulled.repo_digests, [own]);
    let mut documents = vec![arm.manifest, arm.config];
    for forms in forms {
        let staged = store.staged(index.target(), &forms[0].repository).await;
        assert_eq!(staged.expect("reads"), forms);
        documents.push(forms[0].manifest);
    }
    for document in documents {
        assert!(store.document(document).await.expect("reads").is_some());
    }
    let blobs = [layers(&amd), layers(&arm)].concat();
    assert_eq!(store.referenced(&blobs).await.expect("reads"), blobs);
    assert_eq!(found(store, &named("plain:1")).await, before);
}

/// Documents and blobs besides the variants, although they belong to the variant.
pub async fn what_lies_beside_the_variants_stays(store: &dyn StateStore) {
    let mut index = Sample::index("amd", "arm");
    let arm = index.image.variants[1].clone();
    let [base, top] = [0, 1].map(|at| arm.layers[at].clone());
    index.image.documents.push(arm.config);
    index.image.blobs.push(base.digest);
    add(store, index.named(&["app:1"])).await;

    let removed = remove_variants(store, index.target(), &[arm.manifest]).await;

    assert_eq!(removed, released(vec![top.digest]));
    let config = store.document(arm.config).await.expect("reads");
    assert_eq!(config.expect("is kept"), "config of arm");
    assert_eq!(store.document(arm.manifest).await.expect("reads"), None);
    assert_eq!(find(store, &Query::Id(arm.config)).await, None);
    let referenced = store.referenced(&layers(&arm)).await.expect("reads");
    assert_eq!(referenced, [base.digest]);
    let known = store
        .blobs_with_diff_ids(&[base.diff_id, top.diff_id])
        .await;
    assert_eq!(known.expect("reads").len(), 1);
    let now = found(store, &named("app:1")).await.image;
    assert_eq!(now.documents, index.image.documents);
    assert_eq!(now.blobs, index.image.blobs);
}

/// No image, no such variant, none left, or a container that runs it: then nothing is changed.
pub async fn a_removal_of_variants_that_cannot_be_is_refused(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    let [amd, arm] = [0, 1].map(|at| index.image.variants[at].clone());
    let plain = Sample::new("plain");
    add(store, index.named(&["app:1"])).await;
    add(store, plain.named(&["plain:1"])).await;
    let added = store.add_container(&index.container('a', "user")).await;
    assert_eq!(added.expect("adds"), ContainerAdded::Added);
    let before = everything(store).await;

    let nothing = Digest::of("nothing");
    for (what, target, manifests) in [
        ("no image", nothing, vec![amd.manifest]),
        ("an ID and no target", index.id(), vec![arm.manifest]),
        (
            "an unknown one",
            index.target(),
            vec![arm.manifest, nothing],
        ),
        ("a config", index.target(), vec![arm.config]),
        ("another's", index.target(), vec![plain.target()]),
        ("all", index.target(), vec![amd.manifest, arm.manifest]),
        ("the only one", plain.target(), vec![plain.target()]),
        ("a used one", index.target(), vec![amd.manifest]),
    ] {
        let removed = remove_variants(store, target, &manifests).await;
        assert_eq!(removed, Removed::Changed, "{what}");
        assert_eq!(everything(store).await, before, "{what}");
        for variant in [&amd, &arm] {
            let blobs = layers(variant);
            assert_eq!(store.referenced(&blobs).await.expect("reads"), blobs);
            for document in [variant.config, variant.manifest] {
                assert!(store.document(document).await.expect("reads").is_some());
            }
        }
    }

    let none = remove_variants(store, index.target(), &[]).await;
    assert_eq!(none, released(vec![]));
    assert_eq!(everything(store).await, before);
    let unused = remove_variants(store, index.target(), &[arm.manifest]).await;
    assert_eq!(unused, released(layers(&arm)));
}

/// Adding the same index again restores it at its position.
pub async fn a_variant_that_was_removed_can_be_added_again(store: &dyn ImageStore) {
    let index = Sample::index("amd", "arm");
    let amd = index.image.variants[0].clone();
    add(store, index.named(&["app:1"])).await;
    let before = found(store, &named("app:1")).await;
    let removed = remove_variants(store, index.target(), &[amd.manifest]).await;
    assert_eq!(removed, released(layers(&amd)));

    let Addition { blobs, .. } = index.named(&[]);
    let added = add(store, index.named(&[])).await;

    let new: Vec<Digest> = blobs[..2].iter().map(|blob| blob.digest).collect();
    assert_eq!((added.new_images, added.new_blobs), (vec![], new));
    assert_eq!(found(store, &named("app:1")).await, before);
    let found = found(store, &Query::Id(amd.manifest)).await;
    assert_eq!((found.image, found.variant), (before.image, 0));
}
