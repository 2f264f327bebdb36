//! Challenges that change or are unusual.

use sockerless_registry::{Client, Credentials, ErrorKind, Repository, TagOrDigest};
use sockerless_testkit::registry::fake::{
    Action, Auth, FakeRegistry, Fault, Profile, Step, TokenAuth,
};

use crate::secrets::Log;
use crate::setup::{OCI_MANIFEST, basic, config, noise, push, start};

fn tokens() -> Profile {
    let auth = TokenAuth {
        username: "u".into(),
        password: "hunter2".into(),
        refresh_token: None,
        life: None,
        anonymous_pull: true,
    };
    Profile {
        auth: Auth::Token(auth),
        ..Profile::default()
    }
}

fn of(client: &Client, fake: &FakeRegistry, credentials: Credentials) -> Repository {
    let repository = client.repository(&fake.host(), "team/app", Some(credentials));
    repository.expect("valid")
}

fn user(client: &Client, fake: &FakeRegistry) -> Repository {
    of(client, fake, basic("u", "hunter2"))
}

fn answer(status: u16, body: &str) -> Action {
    Action::Answer {
        status,
        headers: vec![],
        body: body.to_owned(),
    }
}

/// The old server is gone, is a page without tokens, refuses, or issues tokens that the registry no
/// longer accepts.
#[tokio::test]
async fn a_token_server_that_moved_is_found() {
    for old in [
        None,
        Some(answer(410, "")),
        Some(answer(301, "")),
        Some(answer(401, "")),
        Some(answer(403, "")),
        Some(answer(200, "<html>welcome</html>")),
        Some(answer(200, r#"{"token":"of-another-registry"}"#)),
    ] {
        let fake = start(tokens()).await;
        let client = Client::new(config());
        push(&user(&client, &fake), &noise(10))
            .await
            .expect("pushed");
        fake.revoke_tokens();
        fake.move_tokens("/auth/v2/token");
        if let Some(old) = old.clone() {
            fake.inject(Fault::new(Step::Other, old).times(2));
        }
        // Both a new client and one with tokens of the old server.
        for bytes in [20, 30] {
            let pushed = push(&user(&client, &fake), &noise(bytes)).await;
            assert!(pushed.is_ok(), "{old:?}: {pushed:?}");
        }
        let last = fake.requests().into_iter().rev();
        let mut tokens = last.filter(|request| request.step == Step::Token);
        let asked = tokens.next().expect("asked");
        assert_eq!(asked.path, "/auth/v2/token", "{old:?}");
    }
}

/// A failing token server that has not moved is reported; it is not retried endlessly.
#[tokio::test]
async fn a_token_server_that_only_fails_is_told() {
    let fake = start(tokens()).await;
    let client = Client::new(config());
    push(&user(&client, &fake), &noise(10))
        .await
        .expect("pushed");
    fake.revoke_tokens();
    fake.inject(Fault::status(Step::Token, 404).times(1000));
    let error = push(&user(&client, &fake), &noise(20)).await;
    let error = error.expect_err("no token");
    assert!(
        error.to_string().contains("token from 127.0.0.1: 404"),
        "{error}"
    );
    assert!(fake.count(Step::Token) < 10, "{}", fake.count(Step::Token));
}

/// A registry that has become open wants no token.
#[tokio::test]
async fn a_registry_that_was_opened_is_asked_without() {
    let fake = start(Profile::default()).await;
    let page = Action::Answer {
        status: 401,
        headers: vec![(
            "www-authenticate",
            format!("Bearer realm=\"http://{}/gone\"", fake.host()),
        )],
        body: String::new(),
    };
    fake.inject(Fault::new(Step::Ping, page));
    let client = Client::new(config());
    push(&user(&client, &fake), &noise(10))
        .await
        .expect("pushed");
}

/// As from a mirror whose repositories have other names at its token server.
#[tokio::test]
async fn a_scope_that_is_asked_for_is_heeded() {
    let fake = start(Profile {
        scope_prefix: "mirror/",
        says_why: true,
        ..tokens()
    })
    .await;
    let client = Client::new(config());
    push(&user(&client, &fake), &noise(10))
        .await
        .expect("pushed");
    fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, "{}");
    let name: TagOrDigest = "a".parse().expect("a tag");
    let anybody = of(&client, &fake, Credentials::Anonymous);
    anybody.get_manifest(&name).await.expect("anybody may pull");
    let queries: Vec<_> = fake
        .requests()
        .into_iter()
        .filter(|request| request.step == Step::Token)
        .map(|request| request.query)
        .collect();
    let pull = "service=fake&scope=repository%3Ateam%2Fapp%3Apull";
    assert_eq!(
        queries.last().map(String::as_str),
        Some(format!("{pull}&scope=repository%3Amirror%2Fteam%2Fapp%3Apull").as_str()),
        "the usual one first: {queries:?}"
    );
    // A forbidden scope is refused after a bounded number of tries.
    let before = fake.count(Step::Begin);
    let error = anybody.check_push().await.expect_err("not anybody");
    assert_eq!(error.kind(), ErrorKind::Denied);
    let text = error.to_string();
    assert!(
        text.ends_with("denied: requested access to the resource is denied"),
        "{text}"
    );
    assert!(fake.count(Step::Begin) - before <= 4);
}

/// A registry or its token server repeats the secrets it was sent, in every kind of request.
#[tokio::test]
async fn what_was_shown_is_never_repeated() {
    let log = Log::default();
    let _guard = log.record();
    let mut shown = String::new();
    let password = Auth::Basic {
        username: "u".into(),
        password: "hunter2".into(),
        service: "test".into(),
    };
    let with_password = Profile {
        auth: password,
        ..Profile::default()
    };
    for profile in [tokens(), with_password] {
        for step in [
            Step::Token,
            Step::Ping,
            Step::HeadBlob,
            Step::Begin,
            Step::Patch,
            Step::Put,
            Step::PutManifest,
            Step::GetManifest,
            Step::GetBlob,
            Step::Tags,
        ] {
            for status in [400, 401, 403, 404, 503] {
                let fake = start(profile.clone()).await;
                fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, "{}");
                let blob = fake.add_blob("team/app", "blob");
                fake.inject(Fault::new(step, Action::Echo(status)).times(1000));
                let user = user(&Client::new(config()), &fake);
                let name: TagOrDigest = "b".parse().expect("a tag");
                shown += &format!("{:?}", user.ping().await);
                shown += &format!("{:?}", push(&user, &noise(10)).await);
                shown += &format!("{:?}", user.put_manifest(&name, OCI_MANIFEST, "{}").await);
                shown += &format!("{:?}", user.get_manifest(&name).await);
                shown += &format!("{:?}", user.get_blob(&blob, 4).await);
                shown += &format!("{:?}", user.tags().await);
                shown += &format!("{:?}", user.check_push().await);
            }
        }
    }
    assert!(shown.contains("it repeated the credentials"), "{shown}");
    let logged = log.text();
    // Basic credentials are base64: `dTpodW50ZXIy` is `u:hunter2`.
    for secret in ["hunter2", "dTpodW50ZXI", "fake-token-"] {
        assert!(!logged.contains(secret), "{secret}: {logged}");
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
