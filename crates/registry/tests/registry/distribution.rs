//! Against Debian's docker-registry.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sockerless_registry::{
    BlobPush, Client, Config, Credentials, Digest, ErrorKind, Progress, Repository, TagOrDigest,
};
use sockerless_testkit::registry::{Authority, PASSWORD, Registry, Setup, USER};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::setup::{OCI_MANIFEST, basic, config, image, noise, pieces, push, round_trip};

/// The repository `team/app` of a docker-registry.
fn repository(registry: &Registry, config: Config, credentials: Credentials) -> Repository {
    Client::new(config)
        .repository(&registry.host(), "team/app", Some(credentials))
        .expect("valid names")
}

/// Starts a registry, which takes a moment, on a thread that may block.
async fn start(setup: Setup) -> Registry {
    let started = tokio::task::spawn_blocking(|| setup.start()).await;
    started.expect("docker-registry starts")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn open_to_all() {
    let registry = start(Setup::open()).await;
    let repository = repository(&registry, config(), Credentials::Anonymous);
    repository.check_push().await.expect("may push");
    let image = image(noise(3_000_000));
    round_trip(&repository, "1.0", &image)
        .await
        .expect("both ways");

    let digest = Digest::of(&image.layer);
    let size = image.layer.len() as u64;
    let source = pieces(&image.layer, 1 << 20);
    let again = repository
        .push_blob(&digest, size, &source, &Progress::none())
        .await;
    assert_eq!(again.expect("there"), BlobPush::Present);

    let other = noise(1_000_000);
    let blob = repository
        .push_new_blob(&pieces(&other, 50_000), &Progress::none())
        .await;
    assert_eq!(blob.expect("pushed").digest, Digest::of(&other));
    assert_eq!(
        crate::setup::pull(&repository, &Digest::of(&other), 1_000_000)
            .await
            .expect("pulled"),
        other
    );

    let client = Client::new(config());
    let copy = client
        .repository(&registry.host(), "team/copy", None)
        .expect("valid names");
    assert!(
        copy.mount_blob(&digest, "team/app")
            .await
            .expect("answered")
    );
    assert_eq!(copy.head_blob(&digest).await.expect("answered"), Some(size));
    assert!(
        !copy
            .mount_blob(&Digest::of(b"none"), "team/app")
            .await
            .expect("answered")
    );

    let none: TagOrDigest = "none".parse().expect("a tag");
    assert_eq!(
        repository.head_manifest(&none).await.expect("answered"),
        None
    );
    let error = repository.get_manifest(&none).await.expect_err("not there");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("MANIFEST_UNKNOWN"))
    );
    let missing = crate::setup::image(noise(77)).manifest;
    let error = repository.put_manifest(&none, OCI_MANIFEST, missing).await;
    let error = error.expect_err("its layer is missing");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Invalid, Some("MANIFEST_BLOB_UNKNOWN"))
    );
}

#[tokio::test]
async fn with_htpasswd() {
    let registry = start(Setup::open().with_password()).await;
    let known = repository(&registry, config(), basic(USER, PASSWORD));
    round_trip(&known, "a", &image(noise(100_000)))
        .await
        .expect("known");
    for credentials in [basic(USER, "wrong"), Credentials::Anonymous] {
        let unknown = repository(&registry, config(), credentials);
        let error = push(&unknown, &noise(10)).await.expect_err("unknown");
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Unauthorized, Some("UNAUTHORIZED"))
        );
    }
}

/// A token server that signs what docker-registry verifies.
async fn token_server(listener: TcpListener, key: EcdsaKeyPair, certificate: Vec<u8>) {
    loop {
        let (mut stream, _) = listener.accept().await.expect("accepted");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a request"));
        }
        let head = String::from_utf8(head).expect("text");
        let known = head.contains(&format!("authorization: Basic {}", STANDARD.encode("u:p")));
        let query = head.split(['?', ' ']).nth(2).unwrap_or_default();
        let parameter = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let (status, body) = if known {
            let scope = parameter("scope");
            let token = sign(&key, &certificate, scope.as_deref());
            (
                "200 OK",
                serde_json::json!({"token": token, "expires_in": 60}).to_string(),
            )
        } else {
            (
                "401 Unauthorized",
                r#"{"details":"incorrect username or password"}"#.to_owned(),
            )
        };
        let reply = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(reply.as_bytes()).await.expect("answered");
    }
}

fn sign(key: &EcdsaKeyPair, certificate: &[u8], scope: Option<&str>) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let access: Vec<_> = scope
        .and_then(|scope| {
            let (kind, rest) = scope.split_once(':')?;
            let (name, actions) = rest.rsplit_once(':')?;
            let actions: Vec<_> = actions.split(',').collect();
            Some(serde_json::json!({"type": kind, "name": name, "actions": actions}))
        })
        .into_iter()
        .collect();
    let header = serde_json::json!({
        "typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(certificate)],
    });
    let claims = serde_json::json!({
        "iss": "issuer", "sub": "u", "aud": "service", "jti": "1",
        "iat": now, "nbf": now - 60, "exp": now + 60, "access": access,
    });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let random = ring::rand::SystemRandom::new();
    let signature = key.sign(&random, signed.as_bytes()).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn with_a_token_server() {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["issuer".to_owned()]).expect("a name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("signed");
    let random = ring::rand::SystemRandom::new();
    let signing = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        key.serialized_der(),
        &random,
    )
    .expect("a P-256 key");

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let realm = format!("http://{}/token", listener.local_addr().expect("bound"));
    let server = tokio::spawn(token_server(listener, signing, certificate.der().to_vec()));
    let registry = start(Setup::open().with_tokens(&realm, &certificate.pem())).await;
    let known = repository(&registry, config(), basic("u", "p"));
    known.check_push().await.expect("may push");
    round_trip(&known, "a", &image(noise(100_000)))
        .await
        .expect("known");

    let unknown = repository(&registry, config(), basic("u", "wrong"));
    let error = unknown.ping().await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(error.message(), Some("incorrect username or password"));
    server.abort();
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

#[tokio::test]
async fn with_a_private_ca_and_client_certificates() {
    let folder = folder();
    let trusted = Authority::new();
    let image = image(noise(100_000));

    let registry = start(Setup::open().with_tls(&trusted)).await;
    let certs = |name: &str| folder.path().join(name);
    let with = |registry: &Registry, name: &str| {
        let config = Config {
            certs_dir: Some(certs(name)),
            ..config()
        };
        repository(registry, config, Credentials::Anonymous)
    };
    // Loopback may have any certificate, unless a CA is configured for it.
    with(&registry, "none").ping().await.expect("not verified");
    write(
        &certs("right"),
        &format!("{}/ca.crt", registry.host()),
        &trusted.certificate,
    );
    round_trip(&with(&registry, "right"), "a", &image)
        .await
        .expect("verified");
    write(
        &certs("wrong"),
        &format!("{}/ca.crt", registry.host()),
        &Authority::new().certificate,
    );
    let error = with(&registry, "wrong")
        .ping()
        .await
        .expect_err("another CA");
    assert_eq!(error.kind(), ErrorKind::Untrusted);
    assert!(error.to_string().contains("unknown CA"), "{error}");

    let registry = start(Setup::open().with_client_certificates(&trusted)).await;
    write(
        &certs("client"),
        &format!("{}/ca.crt", registry.host()),
        &trusted.certificate,
    );
    let error = with(&registry, "client")
        .ping()
        .await
        .expect_err("no client certificate");
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
    write(
        &certs("client"),
        &format!("{}/client.cert", registry.host()),
        &trusted.client.certificate,
    );
    write(
        &certs("client"),
        &format!("{}/client.key", registry.host()),
        &trusted.client.key,
    );
    round_trip(&with(&registry, "client"), "a", &image)
        .await
        .expect("known");
}
