use sockerless_registry::{Config, Digest, ErrorKind, Limits, TagOrDigest};
use sockerless_testkit::registry::fake::{Action, Fault, Profile, Step};

use crate::setup::{OCI_MANIFEST, config, image, noise, open, round_trip, start};

const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn tag(name: &str) -> TagOrDigest {
    name.parse().expect("a tag")
}

#[tokio::test]
async fn an_image_goes_and_comes_back() {
    let fake = start(Profile::default()).await;
    round_trip(&open(&fake, config()), "1.0", &image(noise(200_000)))
        .await
        .expect("both ways");
    let requests = fake.requests();
    let get = requests
        .iter()
        .find(|request| request.step == Step::GetManifest)
        .expect("made");
    let accepted = get.headers["accept"].to_str().expect("text");
    for kind in [
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "manifest.list.v2",
        "manifest.v2",
    ] {
        assert!(accepted.contains(kind), "{accepted}");
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let fake = start(Profile::default()).await;
    let repository = open(&fake, config());
    assert_eq!(
        repository
            .head_manifest(&tag("none"))
            .await
            .expect("answered"),
        None
    );
    let error = repository
        .get_manifest(&tag("none"))
        .await
        .expect_err("not there");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("NAME_UNKNOWN"))
    );
    let text = error.to_string();
    let expected = format!("{}/team/app: manifest none: name unknown: ", fake.host());
    assert!(text.starts_with(&expected), "{text}");
    assert_eq!(
        repository.tags().await.expect_err("no repository").kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn a_head_that_is_refused_or_lacks_something_becomes_a_get() {
    let fake = start(Profile {
        manifest_heads: false,
        ..Profile::default()
    })
    .await;
    let digest = fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, "{}");
    let repository = open(&fake, config());
    let found = repository
        .head_manifest(&tag("a"))
        .await
        .expect("answered")
        .expect("there");
    assert_eq!((found.digest, found.size), (digest, 2));

    let fake = start(Profile::default()).await;
    fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, "{}");
    let headers = vec![("content-type", OCI_MANIFEST.to_owned())];
    let action = Action::Answer {
        status: 200,
        headers,
        body: String::new(),
    };
    fake.inject(Fault::new(Step::HeadManifest, action));
    let found = open(&fake, config())
        .head_manifest(&tag("a"))
        .await
        .expect("answered");
    assert_eq!(found.expect("there").digest, digest);
}

#[tokio::test]
async fn the_words_of_a_refused_head_are_fetched() {
    let fake = start(Profile::default()).await;
    let body = r#"{"errors":[{"code":"DENIED","message":"not for you"}]}"#.to_owned();
    for step in [Step::HeadManifest, Step::GetManifest] {
        let body = body.clone();
        fake.inject(Fault::new(
            step,
            Action::Answer {
                status: 403,
                headers: vec![],
                body,
            },
        ));
    }
    let error = open(&fake, config())
        .head_manifest(&tag("a"))
        .await
        .expect_err("denied");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Denied, Some("not for you"))
    );
}

#[tokio::test]
async fn bytes_and_types_are_verified() {
    let fake = start(Profile::default()).await;
    let digest = fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, r#"{"a":1}"#);
    let repository = open(&fake, config());
    for name in [tag("a"), TagOrDigest::Digest(digest)] {
        fake.inject(Fault::new(Step::GetManifest, Action::Corrupt));
        let error = repository.get_manifest(&name).await.expect_err("corrupt");
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(
            error.to_string().contains(&format!("expected {digest}")),
            "{error}"
        );
    }
    let body = format!(r#"{{"mediaType":"{DOCKER_MANIFEST}"}}"#);
    fake.add_manifest("team/app", Some("two-types"), OCI_MANIFEST, body);
    let error = repository
        .get_manifest(&tag("two-types"))
        .await
        .expect_err("ambiguous");
    assert_eq!(error.kind(), ErrorKind::Mismatch);
}

#[tokio::test]
async fn schema_1_is_refused_by_its_name() {
    let fake = start(Profile::default()).await;
    let kind = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    fake.add_manifest("team/app", Some("old"), kind, r#"{"schemaVersion":1}"#);
    let error = open(&fake, config())
        .get_manifest(&tag("old"))
        .await
        .expect_err("schema 1");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("schema 1"), "{error}");
}

#[tokio::test]
async fn manifests_are_bounded() {
    let limits = Limits {
        manifest: 1000,
        ..Limits::default()
    };
    let fake = start(Profile::default()).await;
    let body = format!(r#"{{"a":"{}"}}"#, "x".repeat(1000));
    fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, body);
    let repository = open(&fake, Config { limits, ..config() });
    let error = repository
        .get_manifest(&tag("a"))
        .await
        .expect_err("too large");
    assert!(
        error.to_string().contains("larger than 1000 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_registry_does_not_like() {
    let fake = start(Profile::zot()).await;
    let repository = open(&fake, config());
    let error = repository
        .put_manifest(&tag("a"), DOCKER_MANIFEST, "{}")
        .await;
    assert_eq!(error.expect_err("no Docker types").status(), Some(415));
    let manifest = image(noise(10)).manifest;
    let error = repository
        .put_manifest(&tag("a"), OCI_MANIFEST, manifest)
        .await;
    let error = error.expect_err("blobs are missing");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Invalid, Some("MANIFEST_BLOB_UNKNOWN"))
    );
    let wrong = TagOrDigest::Digest(Digest::of(b"x"));
    let error = repository
        .put_manifest(&wrong, OCI_MANIFEST, "{}")
        .await
        .expect_err("not its digest");
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    let bad = TagOrDigest::Tag("../../other/manifests/x".into());
    let error = repository
        .put_manifest(&bad, OCI_MANIFEST, "{}")
        .await
        .expect_err("no tag");
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

/// A registry loses a blob for a moment while another client pushes it.
#[tokio::test]
async fn a_blob_that_is_missed_for_a_moment() {
    for (refusals, is_stored) in [(2, true), (3, false)] {
        let fake = start(Profile::default()).await;
        let body = r#"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}"#;
        for _ in 0..refusals {
            let refusal = Action::Answer {
                status: 400,
                headers: vec![],
                body: body.to_owned(),
            };
            fake.inject(Fault::new(Step::PutManifest, refusal));
        }
        let stored = open(&fake, config())
            .put_manifest(&tag("a"), OCI_MANIFEST, "{}")
            .await;
        let requests = fake.requests();
        let puts = requests.iter().filter(|it| it.step == Step::PutManifest);
        assert_eq!(puts.count(), 3, "{refusals}");
        match stored {
            Ok(digest) => assert_eq!((digest, is_stored), (Digest::of(b"{}"), true)),
            Err(error) => assert_eq!((error.status(), is_stored), (Some(400), false)),
        }
    }
}

#[tokio::test]
async fn an_immutable_tag_that_is_this_manifest_already_is_fine() {
    for status in [400, 412] {
        let fake = start(Profile {
            immutable_tags: Some(status),
            ..Profile::default()
        })
        .await;
        let repository = open(&fake, config());
        for _ in 0..2 {
            let stored = repository.put_manifest(&tag("a"), OCI_MANIFEST, "{}").await;
            assert_eq!(stored.expect("stored"), Digest::of(b"{}"));
        }
        let error = repository
            .put_manifest(&tag("a"), OCI_MANIFEST, "{ }")
            .await;
        assert_eq!(
            error.expect_err("another one").kind(),
            ErrorKind::TagImmutable
        );
    }
}

#[tokio::test]
async fn tags_over_all_pages() {
    let fake = start(Profile {
        page: 3,
        ..Profile::default()
    })
    .await;
    let repository = open(&fake, config());
    fake.create_repository("team/app");
    assert_eq!(
        repository.tags().await.expect("answered"),
        Vec::<String>::new()
    );
    let names: Vec<_> = (0..10).map(|number| format!("t{number}")).collect();
    for name in &names {
        fake.add_manifest("team/app", Some(name), OCI_MANIFEST, "{}");
    }
    fake.inject(Fault::status(Step::Tags, 503).after(2));
    assert_eq!(repository.tags().await.expect("answered"), names);

    let limits = Limits {
        tags: 9,
        ..Limits::default()
    };
    let repository = open(&fake, Config { limits, ..config() });
    let error = repository.tags().await.expect_err("too many");
    assert!(error.to_string().contains("more than 9 tags"), "{error}");
}

#[tokio::test]
async fn pages_in_a_circle_end() {
    let fake = start(Profile::default()).await;
    let headers = vec![(
        "link",
        "</v2/team/app/tags/list?n=1000>; rel=next".to_owned(),
    )];
    let body = r#"{"tags":["a"]}"#.to_owned();
    fake.inject(Fault::new(
        Step::Tags,
        Action::Answer {
            status: 200,
            headers,
            body,
        },
    ));
    let error = open(&fake, config()).tags().await.expect_err("a circle");
    assert!(error.to_string().contains("circle"), "{error}");
}
