//! Finding images by digests, names and prefixes.

use sockerless_reference::{Digest, Query};

use crate::conformance::sample::{
    Sample, add, everything, find, found, name, named, names, prefix, starting, tag,
};
use crate::{Error, ImageStore};

/// The config's, the manifest's and the index's digest each find the image.
pub async fn a_full_digest_finds(store: &dyn ImageStore) {
    let (plain, index) = (Sample::new("plain"), Sample::index("one", "two"));
    add(store, plain.named(&[])).await;
    add(store, index.named(&[])).await;

    for digest in [plain.id(), plain.target()] {
        let found = found(store, &Query::Id(digest)).await;
        assert_eq!((found.image, found.variant), (plain.image.clone(), 0));
    }
    let found = found(store, &Query::Id(index.target())).await;
    assert_eq!((found.image, found.variant), (index.image.clone(), 0));
    for digest in [
        Digest::of("nothing"),
        plain.layers()[0].digest,
        plain.layers()[0].diff_id,
    ] {
        assert_eq!(find(store, &Query::Id(digest)).await, None);
    }
}

/// A name finds its image with all of its data; a similar name does not.
pub async fn a_name_finds(store: &dyn ImageStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&["b/app:2", "app:1", "b/app:10"])).await;

    let found = found(store, &named("app:1")).await;

    assert_eq!(found.image, sample.image);
    assert_eq!(found.variant, 0);
    assert_eq!(found.config, "config of one");
    assert_eq!(found.names, names(&["b/app:10", "b/app:2", "app:1"]));
    assert!(found.names.is_sorted());
    assert_eq!(found.last_tagged_at, None);
    assert_eq!(found.content_size, Some(200));
    for other in [
        "app",
        "app:2",
        "ap:1",
        "APP.example/app:1",
        "docker.io/b/app:1",
    ] {
        assert_eq!(find(store, &named(other)).await, None, "{other}");
    }
    // Tags are case-sensitive.
    tag(store, &named("app:1"), "app:UP", 1).await;
    assert!(find(store, &named("app:UP")).await.is_some());
    assert_eq!(find(store, &named("app:up")).await, None);
}

/// `name@digest` requires a manifest or index digest, and some name in that repository; a tag
/// besides the digest is ignored.
pub async fn a_name_with_a_digest_finds(store: &dyn ImageStore) {
    let (plain, index) = (Sample::new("plain"), Sample::index("one", "two"));
    let second = Sample::manifest("plain", "zstd");
    add(store, plain.named(&["plain:1"])).await;
    add(store, second.named(&["second:1"])).await;
    add(store, index.named(&["index:1"])).await;

    let arm = &index.image.variants[1];
    for (repository, digest, target, variant) in [
        ("plain", plain.target(), &plain, 0),
        ("second", second.target(), &second, 0),
        // One image: a name of either manifest will do.
        ("second", plain.target(), &plain, 0),
        ("plain", second.target(), &second, 0),
        ("index", index.target(), &index, 0),
        ("index", index.image.variants[0].manifest, &index, 0),
        ("index", arm.manifest, &index, 1),
    ] {
        for tag in ["", ":1", ":unknown"] {
            let text = format!("{repository}{tag}@{digest}");
            let found = found(store, &named(&text)).await;
            assert_eq!(
                (found.image, found.variant),
                (target.image.clone(), variant),
                "{text}"
            );
        }
    }
    for (repository, digest) in [
        ("plain", plain.id()),
        ("index", arm.config),
        ("plain", index.target()),
        ("index", plain.target()),
        ("nothing", plain.target()),
        ("plain", Digest::of("nothing")),
    ] {
        for tag in ["", ":1"] {
            let text = format!("{repository}{tag}@{digest}");
            assert_eq!(find(store, &named(&text)).await, None, "{text}");
        }
    }
}

/// Any length from 1 to 64 characters of an ID, odd ones too, also of a variant's.
pub async fn a_prefix_finds(store: &dyn ImageStore) {
    let index = Sample::index("one", "two");
    add(store, index.named(&[])).await;
    let [first, second] = [0, 1].map(|at| index.image.variants[at].config);
    let shared = first
        .hex()
        .bytes()
        .zip(second.hex().bytes())
        .take_while(|(a, b)| a == b)
        .count();

    for length in shared + 1..=64 {
        for (variant, id) in [first, second].into_iter().enumerate() {
            let found = found(store, &prefix(id, length)).await;
            assert_eq!(
                (&found.image, found.variant),
                (&index.image, variant),
                "{length}"
            );
        }
    }
    let mut other = first.hex();
    let last = if other.ends_with('0') { "1" } else { "0" };
    other.replace_range(63.., last);
    assert_eq!(find(store, &starting(&other)).await, None);
    // Only an ID has a short form, a manifest's digest has none.
    let manifest = index.target().hex();
    assert_eq!(find(store, &starting(&manifest[..32])).await, None);
}

/// A prefix of several IDs is an error; two targets with one ID are not several.
pub async fn an_ambiguous_prefix_is_an_error(store: &dyn ImageStore) {
    // Seventeen IDs have sixteen first characters.
    let samples: Vec<Sample> = (0..17)
        .map(|n| Sample::new(&format!("sample {n}")))
        .collect();
    let first = |sample: &Sample| sample.id().hex()[..1].to_owned();
    let (mut alone, mut crowded) = (Vec::new(), Vec::new());
    for sample in &samples {
        add(store, sample.named(&[])).await;
        let count = samples
            .iter()
            .filter(|other| first(other) == first(sample))
            .count();
        if count == 1 {
            alone.push(sample)
        } else {
            crowded.push(sample)
        }
    }
    assert!(!crowded.is_empty() && !alone.is_empty());

    for sample in crowded {
        let error = store
            .find(&prefix(sample.id(), 1))
            .await
            .expect_err("ambiguous");
        let Error::Ambiguous { prefix: told } = error else {
            panic!("{error:?}")
        };
        assert_eq!(told, first(sample));
        let error = store
            .tag(
                &prefix(sample.id(), 1),
                &name("app:1"),
                crate::conformance::sample::at(1),
            )
            .await
            .expect_err("ambiguous");
        assert!(matches!(error, Error::Ambiguous { .. }), "{error:?}");
        assert_eq!(
            found(store, &prefix(sample.id(), 64)).await.image,
            sample.image
        );
    }
    for sample in alone {
        assert_eq!(
            found(store, &prefix(sample.id(), 1)).await.image,
            sample.image
        );
    }
    assert_eq!(find(store, &named("app:1")).await, None);

    let again = Sample::manifest("sample 0", "zstd");
    add(store, again.named(&[])).await;
    assert_eq!(
        found(store, &prefix(again.id(), 12)).await.image.id,
        again.id()
    );
}

/// A name takes precedence over a prefix, even an ambiguous one.
pub async fn a_name_wins_over_a_prefix(store: &dyn ImageStore) {
    let (by_name, by_id) = (Sample::new("by name"), Sample::new("by id"));
    let short = by_id.id().short();
    add(store, by_id.named(&[])).await;
    assert_eq!(found(store, &starting(&short)).await.image, by_id.image);

    add(store, by_name.named(&[&format!("{short}:latest")])).await;

    assert_eq!(found(store, &starting(&short)).await.image, by_name.image);
    assert_eq!(
        found(store, &starting(&by_id.id().hex()[..13])).await.image,
        by_id.image
    );
    assert_eq!(
        found(store, &Query::Id(by_id.id())).await.image,
        by_id.image
    );
}

/// By ID, an original comes before a generated image, then the newest.
pub async fn an_original_comes_before_a_generated_image(store: &dyn ImageStore) {
    let steps = [
        (Sample::manifest("one", "a").generated().loaded_at(50), true),
        (
            Sample::manifest("one", "b").generated().loaded_at(40),
            false,
        ),
        (Sample::manifest("one", "c").generated().loaded_at(60), true),
        (Sample::manifest("one", "d").loaded_at(10), true),
        (Sample::manifest("one", "e").loaded_at(5), false),
        (Sample::manifest("one", "f").loaded_at(20), true),
        (
            Sample::manifest("one", "g").generated().loaded_at(90),
            false,
        ),
    ];
    let id = steps[0].0.id();
    let mut best = None;
    for (sample, better) in &steps {
        add(store, sample.named(&[])).await;
        if *better {
            best = Some(sample.image.clone());
        }
        for query in [Query::Id(id), prefix(id, 12)] {
            assert_eq!(Some(found(store, &query).await.image), best);
        }
        let page = everything(store).await;
        assert_eq!(page.into_iter().map(|found| found.image).next_back(), best);
        // Each is found by its own digest all the same.
        assert_eq!(
            found(store, &Query::Id(sample.target())).await.image,
            sample.image
        );
    }
}

/// Two targets with one ID: each name finds the target it was given, and lists the names of both.
pub async fn a_name_finds_its_own_target(store: &dyn ImageStore) {
    let original = Sample::manifest("one", "gzip");
    let generated = Sample::manifest("one", "plain").generated();
    add(store, generated.named(&["z:1", "a:1"])).await;
    add(store, original.named(&["m:1"])).await;

    for (query, sample) in [("a:1", &generated), ("z:1", &generated), ("m:1", &original)] {
        let found = found(store, &named(query)).await;
        assert_eq!(found.image, sample.image, "{query}");
        assert_eq!(found.names, names(&["a:1", "m:1", "z:1"]));
    }
    // A new name made from an old one points to the same target.
    assert_eq!(
        tag(store, &named("a:1"), "b:1", 3).await,
        Some(generated.id())
    );
    assert_eq!(found(store, &named("b:1")).await.image, generated.image);
    tag(store, &Query::Id(original.id()), "c:1", 4).await;
    assert_eq!(found(store, &named("c:1")).await.image, original.image);
}

/// An image whose ID is a digest comes before an index that has it as another variant.
pub async fn an_image_comes_before_a_variant_with_its_id(store: &dyn ImageStore) {
    let index = Sample::index("amd", "arm").loaded_at(9);
    let alone = Sample::manifest("arm", "alone").generated().loaded_at(1);
    add(store, index.named(&["index:1"])).await;
    let before = found(store, &Query::Id(alone.id())).await;
    assert_eq!((before.image, before.variant), (index.image.clone(), 1));

    add(store, alone.named(&["alone:1"])).await;

    for query in [Query::Id(alone.id()), prefix(alone.id(), 12)] {
        let after = found(store, &query).await;
        assert_eq!((after.image, after.variant), (alone.image.clone(), 0));
        assert_eq!(after.names, names(&["alone:1"]));
    }
}

/// A variant's own digests find the index, with the variant that was meant.
pub async fn variants_are_found(store: &dyn ImageStore) {
    let index = Sample::index("amd", "arm");
    add(store, index.named(&["index:1"])).await;

    for (at, variant) in index.image.variants.iter().enumerate() {
        for digest in [variant.config, variant.manifest] {
            let found = found(store, &Query::Id(digest)).await;
            assert_eq!((&found.image, found.variant), (&index.image, at));
            assert_eq!(found.config, format!("config of {}", ["amd", "arm"][at]));
            assert_eq!(found.names, names(&["index:1"]));
        }
    }
    assert_eq!(found(store, &named("index:1")).await.variant, 0);
}
