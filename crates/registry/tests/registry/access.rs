use std::time::Duration;

use sockerless_registry::{
    Client, CredentialOrigin, Credentials, ErrorKind, Progress, TagOrDigest,
};
use sockerless_testkit::registry::fake::{Action, Auth, Fault, Profile, Step, TokenAuth};

use crate::setup::{
    OCI_MANIFEST, as_user, basic, config, image, noise, pieces, push, round_trip, start,
};

fn with_tokens(change: impl FnOnce(&mut TokenAuth)) -> Profile {
    let mut auth = TokenAuth {
        username: "u".into(),
        password: "p".into(),
        refresh_token: None,
        life: Some(Duration::from_secs(300)),
        anonymous_pull: false,
    };
    change(&mut auth);
    Profile {
        auth: Auth::Token(auth),
        ..Profile::default()
    }
}

fn with_password() -> Profile {
    let auth = Auth::Basic {
        username: "u".into(),
        password: "p".into(),
        service: "test".into(),
    };
    Profile {
        auth,
        ..Profile::default()
    }
}

#[tokio::test]
async fn a_password() {
    let fake = start(with_password()).await;
    round_trip(&as_user(&fake), "a", &image(noise(1000)))
        .await
        .expect("known");
    // The `/v2/` page had the challenge: no request was refused.
    let requests = fake.requests();
    assert!(
        requests
            .iter()
            .skip(1)
            .all(|request| request.headers.contains_key("authorization"))
    );

    let client = Client::new(config());
    for credentials in [basic("u", "wrong"), Credentials::Anonymous] {
        let credentials_are_none = credentials == Credentials::Anonymous;
        let repository = client.repository(&fake.host(), "team/app", Some(credentials));
        let error = repository
            .expect("valid")
            .ping()
            .await
            .expect_err("unknown");
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Unauthorized, Some(401))
        );
        let words = match credentials_are_none {
            true => "no basic auth credentials",
            false => "unauthorized: authentication required",
        };
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error} {error:?}").contains("wrong"), "{error:?}");
    }
}

#[tokio::test]
async fn tokens_are_kept_for_each_scope() {
    let fake = start(with_tokens(|_| {})).await;
    let repository = as_user(&fake);
    round_trip(&repository, "a", &image(noise(1000)))
        .await
        .expect("known");
    assert_eq!(fake.count(Step::Token), 2, "one to push, one to pull");
    let requests = fake.requests();
    let scopes: Vec<_> = requests
        .iter()
        .filter(|request| request.step == Step::Token)
        .map(|request| request.query.clone())
        .collect();
    assert_eq!(
        scopes,
        [
            "service=fake&scope=repository%3Ateam%2Fapp%3Apull%2Cpush&account=u",
            "service=fake&scope=repository%3Ateam%2Fapp%3Apull&account=u",
        ]
    );
}

#[tokio::test]
async fn requests_at_once_ask_for_one_token() {
    let fake = start(with_tokens(|_| {})).await;
    let repository = as_user(&fake);
    let pings = (0..8).map(|_| {
        let repository = repository.clone();
        tokio::spawn(async move { repository.ping().await })
    });
    for ping in pings.collect::<Vec<_>>() {
        ping.await.expect("no panic").expect("known");
    }
    assert_eq!(fake.count(Step::Token), 1);
}

#[tokio::test]
async fn tokens_are_not_shared_between_credentials() {
    let fake = start(with_tokens(|auth| auth.anonymous_pull = true)).await;
    fake.add_manifest("team/app", Some("a"), OCI_MANIFEST, "{}");
    let client = Client::new(config());
    let of = |credentials| {
        client
            .repository(&fake.host(), "team/app", Some(credentials))
            .expect("valid")
    };
    of(basic("u", "p")).check_push().await.expect("may push");
    let name: TagOrDigest = "a".parse().expect("a tag");
    of(Credentials::Anonymous)
        .get_manifest(&name)
        .await
        .expect("anybody may pull");
    let error = of(Credentials::Anonymous)
        .check_push()
        .await
        .expect_err("not anybody");
    assert_eq!(error.kind(), ErrorKind::Denied);
    let error = of(basic("u", "wrong"))
        .get_manifest(&name)
        .await
        .expect_err("not known");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(
        error.to_string().contains("token from 127.0.0.1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_token_that_expires_in_mid_push_is_renewed() {
    for step in [
        Step::HeadBlob,
        Step::Begin,
        Step::Patch,
        Step::Put,
        Step::PutManifest,
    ] {
        let fake = start(with_tokens(|_| {})).await;
        fake.inject(Fault::new(step, Action::RevokeTokens));
        let outcome = round_trip(&as_user(&fake), "a", &image(noise(200_000))).await;
        assert!(outcome.is_ok(), "{step:?}: {outcome:?}");
    }
    let fake = start(with_tokens(|_| {})).await;
    fake.inject(Fault::new(Step::Patch, Action::RevokeTokens));
    let bytes = noise(200_000);
    let pushed = as_user(&fake)
        .push_new_blob(&pieces(&bytes, 50_000), &Progress::none())
        .await;
    assert_eq!(pushed.expect("renewed").size, 200_000);
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_by_post() {
    let fake = start(with_tokens(|auth| {
        auth.refresh_token = Some("refresh".into())
    }))
    .await;
    let client = Client::new(config());
    let identity = |token: &str| {
        let credentials = Credentials::IdentityToken {
            username: None,
            token: token.into(),
        };
        client
            .repository(&fake.host(), "team/app", Some(credentials))
            .expect("valid")
    };
    round_trip(&identity("refresh"), "a", &image(noise(1000)))
        .await
        .expect("known");
    let requests = fake.requests();
    let asked = requests
        .iter()
        .find(|request| request.step == Step::Token)
        .expect("asked");
    assert_eq!(asked.method, "POST");
    assert!(
        asked.query.is_empty(),
        "the token goes into the body: {}",
        asked.query
    );
    let error = identity("wrong-token").ping().await.expect_err("not known");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(
        !format!("{error} {error:?}").contains("wrong-token"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_token_server_without_post_is_shown_the_refresh_token_as_password() {
    for answer in [None, Some(404), Some(400)] {
        let fake = start(with_tokens(|auth| auth.username = "00000000".into())).await;
        if let Some(status) = answer {
            fake.inject(Fault::status(Step::Token, status));
        }
        let credentials = Credentials::IdentityToken {
            username: Some("00000000".into()),
            token: "p".into(),
        };
        let repository =
            Client::new(config()).repository(&fake.host(), "team/app", Some(credentials));
        let outcome = repository.expect("valid").check_push().await;
        assert!(outcome.is_ok(), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_registry_token_is_used_as_it_is() {
    let fake = start(with_tokens(|_| {})).await;
    let credentials = Credentials::RegistryToken("raw".into());
    let repository = Client::new(config()).repository(&fake.host(), "team/app", Some(credentials));
    let error = repository
        .expect("valid")
        .ping()
        .await
        .expect_err("not known");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(fake.count(Step::Token), 0);
    let requests = fake.requests();
    assert_eq!(
        requests.last().expect("made").headers["authorization"],
        "Bearer raw"
    );
}

#[tokio::test]
async fn a_bare_401_is_answered_by_the_challenge_of_the_ping() {
    let fake = start(Profile {
        bare_unauthorized: true,
        ..with_tokens(|_| {})
    })
    .await;
    let repository = as_user(&fake);
    push(&repository, &noise(10)).await.expect("pushed");
    fake.revoke_tokens();
    push(&repository, &noise(20)).await.expect("pushed");
}

#[tokio::test]
async fn a_challenge_that_comes_late_is_met() {
    let fake = start(with_tokens(|_| {})).await;
    let body = "{}".to_owned();
    fake.inject(Fault::new(
        Step::Ping,
        Action::Answer {
            status: 200,
            headers: vec![],
            body,
        },
    ));
    push(&as_user(&fake), &noise(10)).await.expect("pushed");
}

#[tokio::test]
async fn a_token_server_that_stumbles_is_asked_again() {
    let fake = start(with_tokens(|_| {})).await;
    fake.inject(Fault::status(Step::Token, 503).times(2));
    push(&as_user(&fake), &noise(10)).await.expect("pushed");

    let fake = start(with_tokens(|_| {})).await;
    let body = format!(r#"{{"token":"{}"}}"#, "x".repeat(70_000));
    fake.inject(
        Fault::new(
            Step::Token,
            Action::Answer {
                status: 200,
                headers: vec![],
                body,
            },
        )
        .times(9),
    );
    let error = as_user(&fake).ping().await.expect_err("too long");
    assert!(
        error.to_string().contains("larger than 65536 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_login_is_proved_and_not_kept() {
    let fake = start(with_tokens(|_| {})).await;
    let client = Client::new(config());
    let login = async |password| client.login(&fake.host(), Some(basic("u", password))).await;
    let error = login("x").await.expect_err("wrong");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    login("p").await.expect("right");
    let repository = client.repository(&fake.host(), "team/app", None);
    let repository = repository.expect("valid");
    assert!(repository.ping().await.is_err(), "nobody logged in");
    let known = repository.credentials().await.expect("none");
    assert_eq!(known.origin, CredentialOrigin::Nowhere);
    // A token that was given for the old password says nothing about it.
    fake.change_password("new");
    let error = login("p").await.expect_err("no longer right");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    login("new").await.expect("right");
}
