//! Locations, encodings and staged forms.

use sockerless_reference::Digest;

use crate::conformance::sample::{
    STAGING, Sample, add, find, form, found, locations, name, named, pinned, places, together,
};
use crate::{Addition, Encoding, Error, Staged, StateStore};

async fn staged(store: &dyn StateStore, target: Digest, repository: &str) -> Vec<Staged> {
    store.staged(target, repository).await.expect("reads")
}

fn encoded(tar: &str, encoding: &str, blob: &str) -> Encoding {
    Encoding {
        diff_id: Digest::of(tar),
        encoding: encoding.to_owned(),
        digest: Digest::of(blob),
        size: 1 << 40,
    }
}

/// The newest location of a blob comes first; blobs are in the order of the request.
pub async fn locations_are_newest_first(store: &dyn StateStore) {
    let first = places(&[("a", "docker.io/library/a"), ("b", STAGING), ("a", STAGING)]);
    add(
        store,
        Addition {
            locations: first,
            ..Addition::default()
        },
    )
    .await;
    let [a, b, unknown] = ["a", "b", "unknown"].map(Digest::of);
    assert_eq!(
        locations(store, &[b, unknown, a]).await,
        places(&[("b", STAGING), ("a", STAGING), ("a", "docker.io/library/a")])
    );

    // However a location is added, it is the newest, and it is listed once.
    store
        .remember(
            &[],
            &places(&[("a", "docker.io/library/a"), ("b", "r.example/b")]),
        )
        .await
        .expect("remembers");
    let newest = places(&[
        ("a", "docker.io/library/a"),
        ("a", STAGING),
        ("b", "r.example/b"),
        ("b", STAGING),
    ]);
    assert_eq!(locations(store, &[a, b]).await, newest);
    let again = places(&[("a", "docker.io/library/a"), ("b", "r.example/b")]);
    store.remember(&[], &again).await.expect("remembers");
    assert_eq!(locations(store, &[a, b]).await, newest);
    assert_eq!(locations(store, &[]).await, []);
}

/// One encoding of a tar for each way to compress it, the newest.
pub async fn encodings_are_remembered(store: &dyn StateStore) {
    let [base, top, unknown] = ["base", "top", "unknown"].map(Digest::of);
    let gzip = [
        encoded("base", "gzip", "base.gz"),
        encoded("top", "gzip", "top.gz"),
    ];
    let zstd = encoded("base", "zstd", "base.zst");
    let all = [gzip[0].clone(), zstd, gzip[1].clone()];
    let where_they_are = places(&[("base.gz", STAGING)]);
    for _ in 0..2 {
        store
            .remember(&all, &where_they_are)
            .await
            .expect("remembers");
        let known = async |diff_ids: &[Digest], encoding| {
            store.encodings(diff_ids, encoding).await.expect("reads")
        };
        assert_eq!(
            known(&[top, unknown, base], "gzip").await,
            [gzip[1].clone(), gzip[0].clone()]
        );
        assert_eq!(known(&[top, base], "zstd").await, all[1..2]);
        assert_eq!(known(&[top, base], "xz").await, []);
        assert_eq!(known(&[], "gzip").await, []);
        assert_eq!(
            locations(store, &[Digest::of("base.gz")]).await,
            where_they_are
        );
    }

    // Of one list the last wins, as of two calls.
    let newer = ["base.1.gz", "base.2.gz"].map(|blob| encoded("base", "gzip", blob));
    store.remember(&newer, &[]).await.expect("remembers");
    let known = store.encodings(&[base], "gzip").await.expect("reads");
    assert_eq!(known, [newer[1].clone()]);
    let known = store.encodings(&[base], "zstd").await.expect("reads");
    assert_eq!(known, all[1..2]);
}

/// The forms of an image in one repository, in the order of its variants, with their manifests.
pub async fn staged_forms_are_kept(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    let all = together([
        index.named(&["app:1"]),
        form(&index, 1, STAGING, "staged arm"),
        form(&index, 0, STAGING, "staged amd"),
        form(&index, 0, "r.example/other", "elsewhere"),
    ]);
    let [arm, amd, elsewhere] = [0, 1, 2].map(|at| all.staged[at].clone());
    add(store, all.clone()).await;
    add(store, all).await;

    assert_eq!(
        staged(store, index.target(), STAGING).await,
        [amd.clone(), arm]
    );
    assert_eq!(
        staged(store, index.target(), "r.example/other").await,
        [elsewhere]
    );
    assert_eq!(staged(store, index.target(), "r.example/none").await, []);
    assert_eq!(staged(store, amd.manifest, STAGING).await, []);
    let document = store.document(amd.manifest).await.expect("reads");
    assert_eq!(document.expect("is kept"), "staged amd");
    // The image itself is unchanged.
    assert_eq!(found(store, &named("app:1")).await.image, index.image);

    // An image that is here gets another form, which replaces the one of the same variant.
    let newer = form(&index, 1, STAGING, "staged arm with zstd");
    add(store, newer.clone()).await;
    assert_eq!(
        staged(store, index.target(), STAGING).await,
        [amd, newer.staged[0].clone()]
    );
}

/// A staged form or a repository digest of an unknown image is an error, as is an invalid one;
/// nothing of the addition is kept.
pub async fn incomplete_staging_is_refused(store: &dyn StateStore) {
    let (one, other) = (Sample::new("one"), Sample::new("other"));
    add(store, one.named(&["one:1"])).await;
    let with = |change: &dyn Fn(&mut Addition)| {
        let mut addition = other.named(&["other:1"]);
        let form = form(&other, 0, STAGING, "staged other");
        addition.documents.extend(form.documents);
        addition.staged.extend(form.staged);
        addition.locations = places(&[("blob", STAGING)]);
        addition.repo_digests = vec![(pinned("r", other.target()), other.target())];
        change(&mut addition);
        addition
    };
    let incomplete: [&dyn Fn(&mut Addition); 4] = [
        &|addition| drop(addition.documents.pop()),
        &|addition| addition.staged[0].target = Digest::of("nothing"),
        &|addition| addition.staged[0].target = one.target(),
        &|addition| addition.repo_digests[0].1 = Digest::of("nothing"),
    ];
    let unstorable: [&dyn Fn(&mut Addition); 5] = [
        &|addition| addition.repo_digests[0].0 = name("r"),
        &|addition| addition.repo_digests[0].0 = name("r:1"),
        &|addition| {
            addition.repo_digests[0].0 = name(&format!("r:1@{}", other.target()));
        },
        &|addition| addition.staged[0].repository = "other".to_owned(),
        &|addition| addition.locations[0].1 = "127.0.0.1:5000/x:tag".to_owned(),
    ];

    let incomplete = incomplete.iter().map(|change| (true, change));
    let unstorable = unstorable.iter().map(|change| (false, change));
    for (index, (lacks, change)) in incomplete.chain(unstorable).enumerate() {
        let error = store.add(with(change)).await.expect_err("refused");
        match error {
            Error::Incomplete { .. } => assert!(lacks, "{index}: {error:?}"),
            Error::Unstorable { .. } => assert!(!lacks, "{index}: {error:?}"),
            _ => panic!("{index}: {error:?}"),
        }
        assert_eq!(find(store, &named("other:1")).await, None);
        assert_eq!(staged(store, other.target(), STAGING).await, []);
        assert_eq!(locations(store, &[Digest::of("blob")]).await, []);
        let document = store.document(Digest::of("staged other")).await;
        assert_eq!(document.expect("reads"), None);
    }
    add(store, with(&|_| ())).await;
    assert_eq!(staged(store, other.target(), STAGING).await.len(), 1);

    let remembered = [encoded("tar", "gzip", "blob")];
    let wrong = places(&[("new blob", STAGING), ("blob", "alpine")]);
    let error = store
        .remember(&remembered, &wrong)
        .await
        .expect_err("refused");
    assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
    assert_eq!(locations(store, &[Digest::of("new blob")]).await, []);
    let known = store.encodings(&[Digest::of("tar")], "gzip").await;
    assert_eq!(known.expect("reads"), []);
}
