use std::sync::Arc;
use std::time::Duration;

use sockerless_registry::{Config, Digest, ErrorKind, Progress, RetryPolicy};
use sockerless_testkit::registry::fake::{Action, Fault, Profile, Step};

use crate::setup::{config, image, impatient, noise, open, pieces, push, round_trip, start};

const UPLOAD: [Step; 4] = [Step::HeadBlob, Step::Begin, Step::Patch, Step::Put];
const ALL: [Step; 8] = [
    Step::Ping,
    Step::HeadBlob,
    Step::Begin,
    Step::Patch,
    Step::Put,
    Step::PutManifest,
    Step::HeadManifest,
    Step::GetManifest,
];

#[tokio::test]
async fn statuses_that_pass_are_tried_again() {
    for step in ALL {
        for status in [500, 502, 503, 504, 429, 408] {
            let fake = start(Profile::default()).await;
            fake.inject(Fault::status(step, status).times(2));
            let outcome = round_trip(&open(&fake, config()), "a", &image(noise(100_000))).await;
            assert!(outcome.is_ok(), "{step:?} {status}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn lost_answers_and_cut_connections_are_tried_again() {
    for step in ALL {
        for action in [Action::LoseReply, Action::CutRequest(0)] {
            let fake = start(Profile::default()).await;
            fake.inject(Fault::new(step, action.clone()).times(2));
            let outcome = round_trip(&open(&fake, config()), "a", &image(noise(100_000))).await;
            assert!(outcome.is_ok(), "{step:?} {action:?}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn an_upload_cut_anywhere_begins_anew() {
    let bytes = noise(300_000);
    for at in [0, 1, 65_536, 150_000, 299_999, 300_000] {
        let fake = start(Profile::default()).await;
        fake.inject(Fault::new(Step::Patch, Action::CutRequest(at)));
        let repository = open(&fake, config());
        let digest = push(&repository, &bytes).await.expect("pushed");
        assert_eq!(
            fake.blob("team/app", &digest).as_ref(),
            Some(&bytes),
            "cut at {at}"
        );
        assert_eq!(
            (fake.count(Step::Begin), fake.count(Step::Patch)),
            (2, 2),
            "cut at {at}"
        );
        fake.inject(Fault::new(Step::Patch, Action::CutRequest(at)));
        let other = noise(299_998);
        let blob = repository
            .push_new_blob(&pieces(&other, 100_000), &Progress::none())
            .await;
        assert_eq!(
            blob.expect("pushed").digest,
            Digest::of(&other),
            "cut at {at}"
        );
    }
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found() {
    let fake = start(Profile::default()).await;
    fake.inject(Fault::new(Step::Put, Action::LoseReply));
    push(&open(&fake, config()), &noise(1000))
        .await
        .expect("it is there");
    assert_eq!(fake.count(Step::Patch), 1);
}

#[tokio::test]
async fn stalls_end_and_are_tried_again() {
    let bytes = noise(5_000_000);
    for step in UPLOAD {
        let fake = start(Profile::default()).await;
        fake.inject(Fault::new(step, Action::StallRequest(10_000)));
        let repository = open(&fake, impatient());
        let digest = push(&repository, &bytes).await.expect("pushed");
        assert_eq!(
            fake.blob("team/app", &digest).as_ref(),
            Some(&bytes),
            "{step:?}"
        );
    }
    let fake = start(Profile::default()).await;
    let digest = fake.add_blob("team/app", bytes.clone());
    fake.inject(Fault::new(Step::GetBlob, Action::StallReply(1_000_000)));
    let repository = open(&fake, impatient());
    let pulled = crate::setup::pull(&repository, &digest, 5_000_000)
        .await
        .expect("pulled");
    assert_eq!(pulled, bytes);
}

#[tokio::test]
async fn a_slow_source_is_no_stall() {
    let fake = start(Profile::default()).await;
    let bytes = noise(200_000);
    // The source waits for a long time, as the registry sees it, after its first piece.
    let (first, second) = (bytes.slice(..100_000), bytes.slice(100_000..));
    let source = sockerless_registry::Source::new(move || {
        let (first, second) = (first.clone(), second.clone());
        let wait = Duration::from_millis(1500);
        let later = async move {
            tokio::time::sleep(wait).await;
            Ok(second)
        };
        let stream = futures_util::StreamExt::chain(
            futures_util::stream::iter([Ok(first)]),
            futures_util::stream::once(later),
        );
        let stream: sockerless_registry::ByteStream = Box::pin(stream);
        async move { Ok(stream) }
    });
    let digest = Digest::of(&bytes);
    let pushed = open(&fake, impatient())
        .push_blob(&digest, 200_000, &source, &Progress::none())
        .await;
    assert!(pushed.is_ok(), "{pushed:?}");
    assert_eq!(fake.count(Step::Patch), 1);
}

#[tokio::test]
async fn what_does_not_pass_ends_in_one_clear_error() {
    let bytes = noise(1000);
    let fake = start(Profile::default()).await;
    let body = r#"{"errors":[{"code":"UNAVAILABLE","message":"storage is down"}]}"#.to_owned();
    let action = Action::Answer {
        status: 503,
        headers: vec![],
        body,
    };
    fake.inject(Fault::new(Step::Patch, action).times(100));
    let error = push(&open(&fake, config()), &bytes)
        .await
        .expect_err("down");
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Unavailable, Some(503))
    );
    assert!(error.is_retryable());
    let expected = format!(
        "{}/team/app: blob {}: unavailable: storage is down",
        fake.host(),
        Digest::of(&bytes)
    );
    assert_eq!(error.to_string(), expected);
    // As often as the policy says.
    assert_eq!(fake.count(Step::Patch), 4);
    assert_eq!(fake.blob_count("team/app"), 0);
}

#[tokio::test]
async fn what_is_final_is_not_tried_again() {
    for (status, kind) in [
        (400, ErrorKind::Invalid),
        (403, ErrorKind::Denied),
        (401, ErrorKind::Unauthorized),
    ] {
        let fake = start(Profile::default()).await;
        fake.inject(Fault::status(Step::Begin, status).times(100));
        let error = push(&open(&fake, config()), &noise(10))
            .await
            .expect_err("refused");
        assert_eq!(error.kind(), kind);
        assert!(
            fake.count(Step::Begin) <= 2,
            "{status}: {} requests",
            fake.count(Step::Begin)
        );
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let fake = start(Profile::default()).await;
    let headers = vec![("retry-after", "1".to_owned())];
    let action = Action::Answer {
        status: 429,
        headers,
        body: String::new(),
    };
    fake.inject(Fault::new(Step::Begin, action));
    let retry = RetryPolicy {
        tries: 2,
        base: Duration::ZERO,
        cap: Duration::from_secs(60),
    };
    let begun = std::time::Instant::now();
    push(&open(&fake, Config { retry, ..config() }), &noise(10))
        .await
        .expect("pushed");
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn four_uploads_at_once_share_what_goes_wrong() {
    let fake = start(Profile::default()).await;
    fake.inject(Fault::new(Step::Patch, Action::CutRequest(70_000)).times(2));
    fake.inject(Fault::status(Step::Put, 502).times(2));
    let repository = Arc::new(open(&fake, config()));
    let pushes: Vec<_> = (0..4)
        .map(|number| {
            let repository = Arc::clone(&repository);
            tokio::spawn(async move { push(&repository, &noise(100_000 + number)).await })
        })
        .collect();
    for pushed in pushes {
        pushed.await.expect("no panic").expect("pushed");
    }
    assert_eq!(fake.blob_count("team/app"), 4);
}

#[tokio::test]
async fn nobody_there() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    drop(fake);
    let error = repository.ping().await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("refused"), "{error}");
}
