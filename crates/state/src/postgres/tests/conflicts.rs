//! Tests of conflicts with other transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use sockerless_reference::{Digest, Query, Reference};

use super::other::Other;
use super::server::{database, postgres, url};
use crate::conformance::sample::{Sample, add, at, find, found, name, named, names, tag};
use crate::*;

/// Makes the first so many writes to a table fail.
async fn fails(other: &Other, table: &str, code: &str, times: u32, when: &str) {
    let (what, each) = match when {
        "at once" => ("TRIGGER", "FOR EACH STATEMENT"),
        _ => (
            "CONSTRAINT TRIGGER",
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW",
        ),
    };
    let sql = format!(
        "CREATE SEQUENCE attempts; \
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('attempts') <= {times} THEN \
         RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END IF; RETURN NULL; END $$; \
         CREATE {what} fail AFTER INSERT ON {table} {each} EXECUTE FUNCTION fail()"
    );
    other.run(&sql).await;
}

const ATTEMPTS: &str = "SELECT last_value FROM attempts";

#[tokio::test]
async fn what_met_another_is_done_again() {
    for (code, when) in [
        ("40001", "at once"),
        ("40001", "at the commit"),
        ("40P01", "at once"),
        ("23503", "at once"),
        ("23505", "at once"),
    ] {
        let database = database();
        let store = PostgresStore::open(&postgres().url(&database))
            .await
            .unwrap();
        let other = Other::new(&database).await;
        fails(&other, "images", code, 3, when).await;
        let sample = Sample::new("one");
        let added = add(&store, sample.named(&["app:1"])).await;
        assert_eq!(added.new_images, [sample.target()], "{code} {when}");
        assert_eq!(other.count(ATTEMPTS).await, 4, "{code} {when}");
        assert_eq!(
            found(&store, &named("app:1")).await.names,
            names(&["app:1"])
        );
    }
}

#[tokio::test]
async fn one_statement_that_met_another_is_done_again() {
    let database = database();
    let store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    let other = Other::new(&database).await;
    let sample = Sample::new("one");
    add(&store, sample.named(&["app:1"])).await;
    fails(&other, "names", "23503", 3, "at once").await;
    let tagged = tag(&store, &named("app:1"), "app:2", 5).await;
    assert_eq!(tagged, Some(sample.id()));
    assert_eq!(other.count(ATTEMPTS).await, 4);
}

#[tokio::test]
async fn trying_again_has_an_end() {
    let database = database();
    let mut store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    store.works.patience = Duration::from_millis(50);
    let other = Other::new(&database).await;
    fails(&other, "images", "40001", u32::MAX, "at once").await;
    let addition = Sample::new("one").named(&["app:1"]);

    let error = store.add(addition.clone()).await.unwrap_err();

    let Error::Unavailable { doing, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(doing, "adding images");
    assert!(other.count(ATTEMPTS).await > 1);
    assert_eq!(find(&store, &named("app:1")).await, None);
    other.run("DROP TRIGGER fail ON images").await;
    add(&store, addition).await;
}

/// A container that is created while its image is removed elsewhere: each reads what the other
/// writes.
#[tokio::test]
async fn a_skew_of_writes_is_noticed() {
    let database = database();
    let store = Arc::new(
        PostgresStore::open(&postgres().url(&database))
            .await
            .unwrap(),
    );
    let other = Other::new(&database).await;
    let sample = Sample::new("one");
    add(&*store, sample.named(&["app:1"])).await;
    // Both have read before either writes.
    other.hold("containers").await;
    let container = sample.container('a', "web");
    let mut create = Box::pin(store.add_container(&container));
    other.until_it_waits(&mut create).await;
    let removed = store.remove(&sample.removal(&["app:1"])).await.unwrap();
    assert_ne!(removed, Removed::Changed);
    other.let_go().await;
    assert_eq!(create.await.unwrap(), ContainerAdded::ImageGone);
}

/// Two daemons in one database, which take turns.
#[derive(Debug)]
struct Daemons {
    stores: [PostgresStore; 2],
    next: AtomicUsize,
}

impl Daemons {
    async fn start() -> Self {
        let url = url();
        let (one, two) = tokio::join!(PostgresStore::open(&url), PostgresStore::open(&url));
        Self {
            stores: [one.unwrap(), two.unwrap()],
            next: AtomicUsize::new(0),
        }
    }

    fn next(&self) -> &PostgresStore {
        &self.stores[self.next.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

macro_rules! take_turns {
    ($trait:ident: $(fn $method:ident($($name:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl $trait for Daemons {
            $(async fn $method(&self, $($name: $type),*) -> Result<$answer, Error> {
                self.next().$method($($name),*).await
            })*
        }
    };
}

take_turns! {
    ImageStore:
    fn add(addition: Addition) -> Added;
    fn find(query: &Query) -> Option<Found>;
    fn tag(source: &Query, name: &Reference, at: Timestamp) -> Option<Digest>;
    fn places(after: Option<ListPosition>, limit: usize) -> Vec<ListPosition>;
    fn with_ids(ids: &[Digest]) -> Vec<Found>;
    fn places_in(beginnings: &[String], limit: usize) -> Option<Vec<ListPosition>>;
    fn names_of(repository: &str, after: Option<&str>, limit: usize) -> Vec<(Reference, Digest)>;
    fn document(digest: Digest) -> Option<Bytes>;
    fn record_push(target: Digest, pins: &[Reference], locations: &[(Digest, String)]) -> bool;
    fn remove(removal: &Removal) -> Removed;
    fn remove_variants(target: Digest, manifests: &[Digest]) -> Removed;
    fn counts() -> Counts;
    fn images_and_containers() -> (u64, u64);
}

take_turns! {
    ContainerStore:
    fn add_container(container: &Container) -> ContainerAdded;
    fn container(word: &str) -> Option<Container>;
    fn containers(which: &ContainerSelection, after: Option<&str>, limit: usize) -> Vec<Container>;
    fn rename_container(id: &str, name: &str) -> Renamed;
    fn update_state(id: &str, revision: u64, state: &ContainerState) -> bool;
    fn remove_container(id: &str) -> bool;
    fn users(ids: &[Digest]) -> Vec<Users>;
}

take_turns! {
    BlobSources:
    fn blobs_with_diff_ids(diff_ids: &[Digest]) -> Vec<Blob>;
    fn referenced(digests: &[Digest]) -> Vec<Digest>;
    fn locations(digests: &[Digest]) -> Vec<(Digest, String)>;
    fn remember(encodings: &[Encoding], locations: &[(Digest, String)]) -> ();
    fn forget(before: Timestamp, limit: usize) -> Forgotten;
    fn encodings(diff_ids: &[Digest], encoding: &str) -> Vec<Encoding>;
    fn staged(target: Digest, repository: &str) -> Vec<Staged>;
}

take_turns! {
    Jobs:
    fn exclusive(job: Job) -> Option<Exclusive>;
}

macro_rules! two_daemons {
    ($($suite:ident::$check:ident),* $(,)?) => {
        mod two_daemons {
            $(#[tokio::test]
            async fn $check() {
                crate::conformance::$suite::$check(&super::Daemons::start().await).await;
            })*
        }
    };
}

two_daemons! {
    images::concurrent_tags_are_all_kept,
    images::readers_see_whole_additions,
    images::a_failing_neighbour_does_no_harm,
    images::a_tag_and_a_removal_cannot_both_win,
    containers::a_container_and_a_removal_cannot_both_win,
    images::an_image_that_is_added_and_removed_is_whole_or_gone,
    blob_sources::locations_are_newest_first,
    jobs::a_job_is_done_by_one,
}

/// Images that share layers are loaded by both daemons at once, and all are whole.
#[tokio::test]
async fn images_that_share_layers_are_added_at_once() {
    let daemons = Daemons::start().await;
    let base = Sample::new("base");
    let samples: Vec<_> = (0..32)
        .map(|n| {
            let mut sample = Sample::manifest(&format!("image {n}"), "x");
            let shared = base.layers().to_vec();
            sample.image.variants[0].layers.splice(0..0, shared);
            sample.loaded_at(n)
        })
        .collect();
    let add_all = samples.iter().enumerate().map(async |(n, sample)| {
        let mut addition = sample.named(&[&format!("app:{n}")]);
        addition.blobs.extend(base.named(&[]).blobs);
        addition.tagged_at = Some(at(1));
        add(&daemons, addition).await.new_blobs
    });
    let new = futures_util::future::join_all(add_all).await;
    let new: Vec<Digest> = new.into_iter().flatten().collect();
    // Each blob is new for one of them.
    assert_eq!(new.len(), 32 * 2 + 2);
    for (n, sample) in samples.iter().enumerate() {
        let found = found(&daemons, &named(&format!("app:{n}"))).await;
        assert_eq!(
            (found.image, found.content_size),
            (sample.image.clone(), Some(400))
        );
        assert_eq!(found.names, [name(&format!("app:{n}"))]);
    }
}
