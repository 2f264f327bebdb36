//! Removal of unneeded records of registries.

use jiff::{SignedDuration, Timestamp};
use sockerless_reference::Digest;

use crate::conformance::sample::{STAGING, Sample, add, locations, places};
use crate::{Encoding, Forgotten, StateStore};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An image of two layers, with an encoding of the first one's tar and of its blob, and one of a
/// tar that no image has; and the locations of all blobs.
struct Scene {
    sample: Sample,
    encodings: [Encoding; 3],
    places: Vec<(Digest, String)>,
}

impl Scene {
    async fn new(store: &dyn StateStore) -> Self {
        let sample = Sample::new("one");
        let [base, top] = &sample.image.variants[0].layers[..] else {
            panic!("two layers");
        };
        let encodings = [
            encoding(base.diff_id, "zstd", Digest::of("base.zst")),
            // An image may have the blob although its tar is not known here.
            encoding(Digest::of("a tar"), "gzip", top.digest),
            encoding(Digest::of("no tar"), "gzip", Digest::of("no tar.gz")),
        ];
        let mut places = places(&[("base.zst", STAGING), ("base.zst", "r.example/second")]);
        places.push((top.digest, STAGING.to_owned()));
        places.push((Digest::of("no tar.gz"), STAGING.to_owned()));
        places.push((Digest::of("no blob"), STAGING.to_owned()));
        add(store, sample.named(&["one:1"])).await;
        let scene = Self {
            sample,
            encodings,
            places,
        };
        scene.remember(store).await;
        scene
    }

    async fn remember(&self, store: &dyn StateStore) {
        let remembered = store.remember(&self.encodings, &self.places).await;
        remembered.expect("remembers");
    }

    /// The numbers of encodings and of locations that are known.
    async fn known(&self, store: &dyn StateStore) -> (usize, usize) {
        let mut encodings = 0;
        for encoding in &self.encodings {
            let diff_ids = [encoding.diff_id];
            let known = store.encodings(&diff_ids, &encoding.encoding);
            encodings += known.await.expect("reads").len();
        }
        let mut digests: Vec<_> = self.places.iter().map(|(digest, _)| *digest).collect();
        digests.dedup();
        (encodings, locations(store, &digests).await.len())
    }
}

fn encoding(diff_id: Digest, encoding: &str, digest: Digest) -> Encoding {
    Encoding {
        diff_id,
        encoding: encoding.to_owned(),
        digest,
        size: 20,
    }
}

fn forgotten(encodings: u64, locations: u64) -> Forgotten {
    Forgotten {
        encodings,
        locations,
        more: false,
    }
}

async fn forget(store: &dyn StateStore, before: Timestamp, limit: usize) -> Forgotten {
    store.forget(before, limit).await.expect("forgets")
}

/// Encodings and locations are removed when they are old and no image needs them, and not before.
pub async fn what_no_image_needs_is_forgotten(store: &dyn StateStore) {
    let (yesterday, tomorrow) = (Timestamp::now() - DAY, Timestamp::now() + DAY);
    assert_eq!(forget(store, tomorrow, 1).await, forgotten(0, 0));
    let scene = Scene::new(store).await;
    assert_eq!(forget(store, yesterday, 1).await, forgotten(0, 0));
    assert_eq!(scene.known(store).await, (3, 5));

    assert_eq!(forget(store, tomorrow, 99).await, forgotten(1, 2));
    assert_eq!(scene.known(store).await, (2, 3));
    assert_eq!(forget(store, tomorrow, 99).await, forgotten(0, 0));
    assert!(forget(store, tomorrow, 2).await.more);
    assert_eq!(scene.known(store).await, (2, 3));

    let removed = store.remove(&scene.sample.removal(&["one:1"])).await;
    removed.expect("removes");
    assert_eq!(forget(store, tomorrow, 99).await, forgotten(2, 3));
    assert_eq!(scene.known(store).await, (0, 0));
    scene.remember(store).await;
    assert_eq!(scene.known(store).await, (3, 5));
}

/// Needed and refreshed records count as new, which only a test that can make everything older than
/// a day sees.
#[cfg(test)]
pub(crate) async fn what_is_used_is_new_again(store: &dyn StateStore, make_old: impl AsyncFn()) {
    let hour_ago = || Timestamp::now() - SignedDuration::from_hours(1);
    let scene = Scene::new(store).await;
    make_old().await;
    scene.remember(store).await;
    assert_eq!(forget(store, hour_ago(), 1).await, forgotten(0, 0));

    make_old().await;
    // One at a time: the others are older.
    let (mut encodings, mut locations) = (0, 0);
    loop {
        let forgotten = forget(store, hour_ago(), 1).await;
        encodings += forgotten.encodings;
        locations += forgotten.locations;
        if !forgotten.more {
            break;
        }
    }
    assert_eq!((encodings, locations), (1, 2));
    assert_eq!(scene.known(store).await, (2, 3));
}
