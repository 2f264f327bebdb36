use sockerless_registry::{Client, ErrorKind, TagOrDigest};
use sockerless_testkit::registry::fake::{Action, Fault, Profile, Step};

use crate::setup::{OCI_MANIFEST, as_user, basic, config, image, noise, push, round_trip, start};

#[tokio::test]
async fn an_image_goes_to_every_cloud_and_comes_back() {
    for (name, profile) in [
        ("ECR", Profile::ecr("u", "p")),
        ("Artifact Registry", Profile::artifact_registry("u", "p")),
        ("ACR, 413", Profile::acr("u", "p", 413)),
        ("ACR, 416", Profile::acr("u", "p", 416)),
        ("Quay", Profile::quay("u", "p")),
        ("Harbor", Profile::harbor("u", "p")),
        ("Docker Hub", Profile::docker_hub("u", "p")),
        ("zot", Profile::zot()),
    ] {
        let fake = start(profile).await;
        fake.create_repository("team/app");
        let outcome = round_trip(&as_user(&fake), "1.0", &image(noise(300_000))).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn ecr_repositories_must_exist() {
    let fake = start(Profile::ecr("u", "p")).await;
    let error = push(&as_user(&fake), &noise(10))
        .await
        .expect_err("no such repository");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("NAME_UNKNOWN"))
    );
    assert_eq!(fake.count(Step::Begin), 1);
}

#[tokio::test]
async fn ecr_says_403_for_a_token_that_has_expired() {
    let fake = start(Profile::ecr("u", "p")).await;
    let client = Client::new(config());
    let repository = client
        .repository(&fake.host(), "team/app", Some(basic("u", "old")))
        .expect("valid");
    let error = repository.check_push().await.expect_err("expired");
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Unauthorized, Some(403))
    );
    assert!(
        error
            .message()
            .expect("words")
            .contains("token has expired")
    );
}

#[tokio::test]
async fn ecr_may_say_403_and_no_word() {
    let fake = start(Profile::ecr("u", "p")).await;
    fake.create_repository("team/app");
    fake.inject(Fault::status(Step::Begin, 403));
    let error = push(&as_user(&fake), &noise(10)).await.expect_err("denied");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Denied, None));
    assert!(
        error
            .to_string()
            .ends_with("denied: requested access to the resource is denied"),
        "{error}"
    );
}

#[tokio::test]
async fn blobs_behind_a_redirect_are_fetched_without_authorization() {
    let fake = start(Profile::quay("u", "p")).await;
    let bytes = noise(100_000);
    let digest = fake.add_blob("team/app", bytes.clone());
    // The signed URL expires: resuming starts at the registry again.
    fake.inject(Fault::new(Step::Storage, Action::CutReply(50_000)));
    fake.inject(Fault::status(Step::Storage, 503));
    let pulled = crate::setup::pull(&as_user(&fake), &digest, 100_000)
        .await
        .expect("pulled");
    assert_eq!(pulled, bytes);
    let requests = fake.requests();
    let storage: Vec<_> = requests
        .iter()
        .filter(|request| request.step == Step::Storage)
        .collect();
    assert_eq!(storage.len(), 3);
    assert!(
        storage
            .iter()
            .all(|request| !request.headers.contains_key("authorization"))
    );
    assert!(
        storage
            .iter()
            .all(|request| request.query == "X-Signature=hidden")
    );
    assert_eq!(storage[2].headers["range"], "bytes=50000-");
    assert_eq!(fake.count(Step::GetBlob), 3);
}

#[tokio::test]
async fn docker_hubs_pull_limit_is_not_waited_for() {
    let fake = start(Profile::docker_hub("u", "p")).await;
    let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit. You may increase the limit by authenticating."}]}"#;
    let action = Action::Answer {
        status: 429,
        headers: vec![("ratelimit-remaining", "0;w=21600".to_owned())],
        body: body.to_owned(),
    };
    fake.inject(Fault::new(Step::GetManifest, action).times(9));
    let name: TagOrDigest = "latest".parse().expect("a tag");
    let error = as_user(&fake)
        .get_manifest(&name)
        .await
        .expect_err("limited");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(fake.count(Step::GetManifest), 1);
}

#[tokio::test]
async fn harbors_policies_are_named() {
    let fake = start(Profile::harbor("u", "p")).await;
    fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, "{}");
    let name: TagOrDigest = "a".parse().expect("a tag");
    let error = as_user(&fake)
        .put_manifest(&name, OCI_MANIFEST, "{ }")
        .await;
    let error = error.expect_err("immutable");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::TagImmutable, Some("PRECONDITION"))
    );
}
