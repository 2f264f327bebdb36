use sockerless_registry::{Config, Digest, ErrorKind, Proxies};
use sockerless_testkit::registry::fake::{Action, FakeRegistry, Fault, Profile, Step};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::setup::{as_user, basic, config, noise, open, pull, push, start};

fn answer(status: u16, name: &'static str, value: &str) -> Action {
    Action::Answer {
        status,
        headers: vec![(name, value.to_owned())],
        body: String::new(),
    }
}

/// A cloud's metadata service: only a registry on the same link may redirect there.
const METADATA: &str = "http://169.254.169.254/latest?X-Signature=hidden";

#[tokio::test]
async fn nobody_is_sent_to_the_metadata_of_the_cloud() {
    let digest = Digest::of(b"x");
    for (step, action) in [
        (Step::GetBlob, answer(307, "location", METADATA)),
        (
            Step::Ping,
            answer(
                401,
                "www-authenticate",
                &format!("Bearer realm=\"{METADATA}\""),
            ),
        ),
    ] {
        let fake = start(Profile::default()).await;
        fake.inject(Fault::new(step, action).times(1000));
        let error = pull(&open(&fake, config()), &digest, 1)
            .await
            .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
        let text = error.to_string();
        assert!(
            text.contains("http://169.254.169.254/latest?… is not an address"),
            "{text}"
        );
        assert!(!text.contains("hidden"), "{text}");
    }
    for step in [Step::Begin, Step::Patch] {
        let fake = start(Profile::default()).await;
        fake.inject(Fault::new(step, answer(202, "location", METADATA)));
        let error = push(&open(&fake, config()), &noise(10))
            .await
            .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
    }
    let fake = start(Profile::default()).await;
    fake.inject(Fault::new(
        Step::Tags,
        answer(200, "link", &format!("<{METADATA}>; rel=next")),
    ));
    let error = open(&fake, config()).tags().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
}

#[tokio::test]
async fn redirects_end() {
    let fake = start(Profile::default()).await;
    let digest = Digest::of(b"x");
    let here = format!("/v2/team/app/blobs/{digest}");
    fake.inject(Fault::new(Step::GetBlob, answer(307, "location", &here)).times(50));
    let error = pull(&open(&fake, config()), &digest, 1)
        .await
        .expect_err("in a circle");
    assert!(
        error.to_string().contains("more than 10 redirects"),
        "{error}"
    );
    assert_eq!(fake.count(Step::GetBlob), 11);
}

#[tokio::test]
async fn a_redirect_of_the_registry_to_itself_keeps_the_authorization() {
    let fake = start(Profile::harbor("u", "p")).await;
    let digest = fake.add_blob("team/app", noise(10));
    let here = format!("/v2/team/app/blobs/{digest}");
    fake.inject(Fault::new(Step::GetBlob, answer(308, "location", &here)));
    assert_eq!(
        pull(&as_user(&fake), &digest, 10).await.expect("pulled"),
        noise(10)
    );
}

#[tokio::test]
async fn another_host_for_uploads_is_not_shown_the_authorization() {
    let fake = start(Profile::harbor("u", "p")).await;
    let other = start(Profile::default()).await;
    let elsewhere = format!(
        "http://{}/v2/team/app/blobs/uploads/7?_state=1",
        other.host()
    );
    fake.inject(Fault::new(Step::Begin, answer(202, "location", &elsewhere)).times(2));
    other.inject(Fault::new(Step::Patch, answer(202, "range", "0-9")));
    other.inject(Fault::new(Step::Put, answer(201, "range", "0-9")));
    push(&as_user(&fake), &noise(10)).await.expect("taken");
    for request in other.requests() {
        assert!(
            !request.headers.contains_key("authorization"),
            "{request:?}"
        );
        assert!(request.query.starts_with("_state=1"), "{request:?}");
    }
    assert_eq!((other.count(Step::Patch), other.count(Step::Put)), (1, 1));
}

#[tokio::test]
async fn names_that_are_none() {
    let client = sockerless_registry::Client::new(config());
    for (host, path) in [
        ("", "a"),
        ("user:pw@r.io", "a"),
        ("r.io/x", "a"),
        ("r.io", ""),
        ("r.io", "A"),
        ("r.io", "a/../../b"),
        ("r.io", "a?x"),
    ] {
        let error = client.repository(host, path, None).expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

/// Takes one connection, gives back the head of its first request, and responds with `reply`.
async fn one_request(listener: tokio::net::TcpListener, reply: &'static str) -> String {
    let (mut stream, _) = listener.accept().await.expect("accepted");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    stream.write_all(reply.as_bytes()).await.expect("answered");
    String::from_utf8(head).expect("text")
}

#[tokio::test]
async fn proxies_of_the_configuration_are_used() {
    let refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    for insecure in [false, true] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("bound");
        let proxy = tokio::spawn(one_request(listener, refusal));
        let url = format!("http://user:hunter2@{address}");
        // Only one of the two goes through the proxy; the other is unreachable.
        let proxies = Proxies::new(&url, if insecure { "" } else { &url }, "");
        let insecure: Vec<_> = insecure
            .then(|| "registry.invalid".to_owned())
            .into_iter()
            .collect();
        let plain = !insecure.is_empty();
        let config = Config {
            proxies,
            insecure,
            ..config()
        };
        let client = sockerless_registry::Client::new(config);
        let repository = client.repository("registry.invalid", "a", Some(basic("u", "p")));
        let outcome = repository.expect("valid").ping().await;
        let head = proxy.await.expect("no panic");
        let first = if plain {
            "GET http://registry.invalid/v2/ "
        } else {
            "CONNECT registry.invalid:443 "
        };
        assert!(head.starts_with(first), "{head}");
        let head = head.to_ascii_lowercase();
        assert!(
            head.contains("proxy-authorization: basic dxnlcjpodw50zxiy"),
            "{head}"
        );
        let error = outcome.expect_err("the proxy refuses");
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_plain_registry_is_insecure_unless_a_ca_is_named_for_it() {
    let fake = start(Profile::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let client = || {
        let certs_dir = Some(folder.path().to_owned());
        sockerless_registry::Client::new(Config {
            certs_dir,
            ..config()
        })
    };
    let ping = async |fake: &FakeRegistry| {
        client()
            .repository(&fake.host(), "a", None)
            .expect("valid")
            .ping()
            .await
    };
    ping(&fake).await.expect("loopback may be plain");
    let host = folder.path().join(fake.host());
    std::fs::create_dir(&host).expect("created");
    std::fs::write(host.join("client.cert"), "").expect("written");
    let text = ping(&fake).await.expect_err("no key").to_string();
    assert!(text.contains("client.key beside it"), "{text}");
    std::fs::remove_file(host.join("client.cert")).expect("removed");

    std::fs::write(host.join("ca.crt"), "nothing").expect("written");
    let text = ping(&fake).await.expect_err("no certificate").to_string();
    assert!(text.contains("ca.crt: no certificate in it"), "{text}");

    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["r".to_owned()]).expect("a name");
    let authority = params.self_signed(&key).expect("signed");
    std::fs::write(host.join("ca.crt"), authority.pem()).expect("written");
    let error = ping(&fake).await.expect_err("it has no TLS");
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
}
