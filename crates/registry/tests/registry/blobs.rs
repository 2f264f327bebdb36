use std::io;

use bytes::Bytes;
use futures_util::StreamExt as _;
use sockerless_registry::{BlobPush, ByteStream, Digest, ErrorKind, Progress, Source};
use sockerless_testkit::registry::fake::{Action, Fault, Mounts, Profile, Step, UploadLocation};

use crate::setup::{config, noise, open, pieces, pull, push, recorded, start};

#[tokio::test]
async fn one_patch_with_its_length_and_an_empty_put() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    let bytes = noise(300_000);
    let digest = Digest::of(&bytes);
    let (progress, told) = recorded();
    let pushed = repository
        .push_blob(
            &digest,
            bytes.len() as u64,
            &pieces(&bytes, 100_000),
            &progress,
        )
        .await
        .expect("pushed");
    assert_eq!(pushed, BlobPush::Uploaded);
    assert_eq!(fake.blob("team/app", &digest), Some(bytes));

    let steps: Vec<_> = fake.requests().iter().map(|request| request.step).collect();
    assert_eq!(
        steps,
        [
            Step::Ping,
            Step::HeadBlob,
            Step::Begin,
            Step::Patch,
            Step::Put
        ]
    );
    let requests = fake.requests();
    let header = |index: usize, name: &str| {
        let value = requests[index].headers.get(name);
        value.map(|value| value.to_str().expect("text").to_owned())
    };
    assert_eq!(header(2, "content-length").as_deref(), Some("0"));
    assert_eq!(header(3, "content-length").as_deref(), Some("300000"));
    assert_eq!(header(3, "content-range"), None);
    assert_eq!(header(3, "transfer-encoding"), None);
    assert_eq!(
        header(3, "content-type").as_deref(),
        Some("application/octet-stream")
    );
    assert_eq!(header(4, "content-length").as_deref(), Some("0"));
    assert_eq!(
        requests[4].query,
        format!("_state=2%3D&digest=sha256%3A{}", digest.hex())
    );

    let told = told.lock().expect("not poisoned");
    assert_eq!(told.last(), Some(&300_000));
    assert!(told.is_sorted() && told.len() >= 5, "{told:?}");
}

#[tokio::test]
async fn a_blob_that_is_there_is_not_sent() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    let bytes = noise(1000);
    let digest = fake.add_blob("team/app", bytes.clone());
    let source = Source::new(|| async { Err(io::Error::other("must not be opened")) });
    let pushed = repository
        .push_blob(&digest, 1000, &source, &Progress::none())
        .await;
    assert_eq!(pushed.expect("there"), BlobPush::Present);
    assert_eq!(fake.count(Step::Begin), 0);
    assert_eq!(
        repository.head_blob(&digest).await.expect("answered"),
        Some(1000)
    );
    let other = Digest::of(b"other");
    assert_eq!(repository.head_blob(&other).await.expect("answered"), None);
}

#[tokio::test]
async fn every_form_of_location_is_followed() {
    for location in [
        UploadLocation::Relative,
        UploadLocation::Absolute,
        UploadLocation::OtherPath,
        UploadLocation::Query,
    ] {
        let fake = start(Profile {
            location,
            ..Profile::default()
        })
        .await;
        let repository = open(&fake, config());
        let bytes = noise(1000);
        let digest = push(&repository, &bytes).await.expect("pushed");
        assert_eq!(fake.blob("team/app", &digest), Some(bytes), "{location:?}");
    }
}

#[tokio::test]
async fn empty_and_large_blobs() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    for length in [0, 1, 65_536, 65_537, 5_000_000] {
        let bytes = noise(length);
        let digest = push(&repository, &bytes).await.expect("pushed");
        assert_eq!(
            fake.blob("team/app", &digest),
            Some(bytes.clone()),
            "{length}"
        );
        assert_eq!(
            pull(&repository, &digest, length as u64)
                .await
                .expect("pulled"),
            bytes
        );
    }
}

#[tokio::test]
async fn a_refused_patch_becomes_a_put_with_the_body() {
    for status in [404, 413, 416] {
        let fake = start(Profile {
            largest_patch: Some((10, status)),
            ..Profile::default()
        })
        .await;
        let repository = open(&fake, config());
        let bytes = noise(200_000);
        let digest = push(&repository, &bytes).await.expect("pushed");
        assert_eq!(fake.blob("team/app", &digest), Some(bytes), "{status}");
        assert_eq!(
            (fake.count(Step::Patch), fake.count(Step::Put)),
            (1, 1),
            "{status}"
        );
        // A new session each.
        assert_eq!(fake.count(Step::Begin), 2);
    }
}

#[tokio::test]
async fn it_is_switched_once() {
    let limit = Some((10, 413));
    let fake = start(Profile {
        largest_patch: limit,
        largest_put: limit,
        ..Profile::default()
    })
    .await;
    let error = push(&open(&fake, config()), &noise(1000))
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Invalid, Some(413))
    );
    assert_eq!((fake.count(Step::Patch), fake.count(Step::Put)), (1, 1));
    // The body is HTML and not quoted.
    assert_eq!(error.message(), None);
}

#[tokio::test]
async fn a_blob_of_unknown_length() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    let bytes = noise(300_000);
    let (progress, told) = recorded();
    let blob = repository
        .push_new_blob(&pieces(&bytes, 70_000), &progress)
        .await
        .expect("pushed");
    assert_eq!((blob.digest, blob.size), (Digest::of(&bytes), 300_000));
    assert_eq!(fake.blob("team/app", &blob.digest), Some(bytes));
    assert_eq!(told.lock().expect("not poisoned").last(), Some(&300_000));
    let requests = fake.requests();
    let patch = requests
        .iter()
        .find(|request| request.step == Step::Patch)
        .expect("made");
    assert_eq!(patch.headers["transfer-encoding"], "chunked");
}

#[tokio::test]
async fn a_registry_that_demands_a_length_says_so() {
    let fake = start(Profile {
        demands_length: true,
        ..Profile::default()
    })
    .await;
    let repository = open(&fake, config());
    let bytes = noise(1000);
    let error = repository
        .push_new_blob(&pieces(&bytes, 100), &Progress::none())
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::LengthRequired);
    assert_eq!(fake.count(Step::Patch), 1);
    push(&repository, &bytes)
        .await
        .expect("with its length it is taken");
}

#[tokio::test]
async fn a_source_that_fails_or_lies_is_the_callers() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    let digest = Digest::of(b"whatever");

    let failing = Source::new(|| async {
        let items = [
            Ok(Bytes::from_static(b"abc")),
            Err(io::Error::other("disk gone")),
        ];
        let stream: ByteStream = Box::pin(futures_util::stream::iter(items));
        Ok(stream)
    });
    let error = repository
        .push_blob(&digest, 10, &failing, &Progress::none())
        .await;
    let error = error.expect_err("the source failed");
    assert_eq!(error.kind(), ErrorKind::Source);
    assert!(error.to_string().contains("disk gone"), "{error}");

    for (size, expected) in [
        (9, "expected 9 bytes, found 8"),
        (7, "expected 7 bytes, found 8"),
    ] {
        let source = Source::bytes("whatever");
        let error = repository
            .push_blob(&digest, size, &source, &Progress::none())
            .await;
        let error = error.expect_err("the source lied");
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(fake.blob_count("team/app"), 0);
}

#[tokio::test]
async fn wrong_bytes_are_the_registrys_to_refuse() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    let source = Source::bytes("other!!!");
    let digest = Digest::of(b"whatever");
    let error = repository
        .push_blob(&digest, 8, &source, &Progress::none())
        .await;
    let error = error.expect_err("another digest");
    assert_eq!(error.code(), Some("DIGEST_INVALID"));
    assert_eq!(fake.count(Step::Put), 1);
}

#[tokio::test]
async fn mounts() {
    for (mounts, expected) in [
        (Mounts::Done, true),
        (Mounts::Ignored, false),
        (Mounts::Refused(400), false),
        (Mounts::Refused(401), false),
    ] {
        let fake = start(Profile {
            mounts,
            ..Profile::default()
        })
        .await;
        let digest = fake.add_blob("team/base", noise(100));
        let repository = open(&fake, config());
        let mounted = repository
            .mount_blob(&digest, "team/base")
            .await
            .expect("answered");
        assert_eq!(mounted, expected, "{mounts:?}");
        assert_eq!(
            fake.blob("team/app", &digest).is_some(),
            expected,
            "{mounts:?}"
        );
    }
}

#[tokio::test]
async fn a_broken_pull_goes_on_where_it_broke() {
    let bytes = noise(200_000);
    for ranges in [true, false] {
        for at in [0, 1, 65_536, 199_999] {
            let fake = start(Profile {
                ranges,
                ..Profile::default()
            })
            .await;
            let digest = fake.add_blob("team/app", bytes.clone());
            fake.inject(Fault::new(Step::GetBlob, Action::CutReply(at)));
            let repository = open(&fake, config());
            let pulled = pull(&repository, &digest, 200_000).await.expect("pulled");
            assert_eq!(pulled, bytes, "cut at {at}");
            assert_eq!(fake.count(Step::GetBlob), 2, "cut at {at}");
        }
    }
}

#[tokio::test]
async fn a_pull_that_breaks_again_and_again_ends() {
    let fake = start(Profile::default()).await;
    let digest = fake.add_blob("team/app", noise(200_000));
    fake.inject(Fault::new(Step::GetBlob, Action::CutReply(1000)).times(100));
    let error = pull(&open(&fake, config()), &digest, 200_000)
        .await
        .expect_err("broken");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(fake.count(Step::GetBlob), 4);

    // A transfer that makes progress does not use up tries.
    let fake = start(Profile::default()).await;
    let bytes = noise(12 << 20);
    let digest = fake.add_blob("team/app", bytes.clone());
    fake.inject(Fault::new(Step::GetBlob, Action::CutReply(2 << 20)).times(100));
    let pulled = pull(&open(&fake, config()), &digest, 12 << 20)
        .await
        .expect("pulled");
    assert!(pulled == bytes);
    assert_eq!(fake.count(Step::GetBlob), 6);
}

#[tokio::test]
async fn wrong_bytes_end_in_an_error_and_not_in_an_end() {
    let bytes = noise(100_000);
    let digest = Digest::of(&bytes);
    let fake = start(Profile::default()).await;
    fake.add_blob("team/app", bytes);
    let repository = open(&fake, config());

    fake.inject(Fault::new(Step::GetBlob, Action::Corrupt));
    let mut stream = repository.get_blob(&digest, 100_000).await.expect("begun");
    let mut last = None;
    while let Some(item) = stream.next().await {
        assert!(!matches!(last, Some(Err(_))), "something after the error");
        last = Some(item);
    }
    let error = last.expect("items").expect_err("the digest is wrong");
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(
        error.to_string().contains(&format!("expected {digest}")),
        "{error}"
    );

    let error = pull(&repository, &digest, 99_999)
        .await
        .expect_err("too long");
    assert!(
        error.to_string().contains("expected 99999 bytes"),
        "{error}"
    );

    fake.inject(Fault::new(Step::GetBlob, Action::Truncate(500)));
    let error = pull(&repository, &digest, 100_000)
        .await
        .expect_err("too short");
    assert!(
        error
            .to_string()
            .contains("expected 100000 bytes, found 500"),
        "{error}"
    );

    let error = pull(&repository, &digest, 100_001)
        .await
        .expect_err("too short");
    assert!(
        error
            .to_string()
            .contains("expected 100001 bytes, found 100000"),
        "{error}"
    );

    let error = pull(&repository, &Digest::of(b"none"), 5)
        .await
        .expect_err("unknown");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("BLOB_UNKNOWN"))
    );
}

#[tokio::test]
async fn a_push_can_be_checked_without_pushing() {
    let fake = start(Profile {
        repositories_must_exist: true,
        ..Profile::default()
    })
    .await;
    let repository = open(&fake, config());
    let error = repository
        .check_push()
        .await
        .expect_err("no such repository");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("NAME_UNKNOWN"))
    );
    fake.create_repository("team/app");
    repository.check_push().await.expect("may push");
    assert_eq!(fake.count(Step::Session), 1);
    assert_eq!(fake.blob_count("team/app"), 0);
}

#[tokio::test]
async fn a_registry_that_says_it_stored_something_else_is_not_believed() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    let bytes = noise(1_000);
    let (digest, other) = (Digest::of(&bytes), Digest::of("something else"));
    let answer = Action::Answer {
        status: 201,
        headers: vec![("docker-content-digest", other.to_string())],
        body: String::new(),
    };
    fake.inject(Fault::new(Step::Put, answer));
    let error = repository
        .push_blob(&digest, 1_000, &Source::bytes(bytes), &Progress::none())
        .await
        .expect_err("a contradiction");
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains(&other.to_string()), "{error}");
}
