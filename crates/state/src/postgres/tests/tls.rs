//! Tests of the modes of TLS.

use sockerless_testkit::postgres::Setup;
use sockerless_testkit::registry::Authority;

use crate::{Error, PostgresStore};

#[tokio::test]
async fn modes() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Setup::new().with_tls(&authority).start();
    server.create_database("state");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let ours = file("ours.pem", &authority.certificate);
    let theirs = file("theirs.pem", &stranger.certificate);
    let empty = file("empty.pem", "nothing\n");
    let missing = folder.path().join("missing.pem").display().to_string();
    let url = server.url("state");
    let by_name = url.replace("127.0.0.1", "localhost");
    let port = server.address().port();
    let open = async |url: &str, parameters: &str| {
        let url = format!("{url}?{parameters}");
        let store = PostgresStore::open(&url).await?;
        Ok::<_, Error>(store.facts().await.unwrap().encrypted)
    };

    for (url, parameters) in [
        (&url, String::new()),
        (&url, "sslmode=prefer".to_owned()),
        (&url, "sslmode=require".to_owned()),
        // The password is bound to this certificate.
        (&url, "sslmode=require&channel_binding=require".to_owned()),
        (&url, format!("sslmode=require&sslrootcert={ours}")),
        (&url, format!("sslmode=verify-ca&sslrootcert={ours}")),
        (&url, format!("sslmode=verify-full&sslrootcert={ours}")),
        // The certificate is for 127.0.0.1 only.
        (&by_name, format!("sslmode=verify-ca&sslrootcert={ours}")),
    ] {
        let encrypted = open(url, &parameters).await;
        assert!(encrypted.unwrap_or_else(|error| panic!("{parameters}: {error}")));
    }

    let unknown = "invalid peer certificate: ";
    for (url, parameters, said) in [
        (
            &url,
            format!("sslmode=require&sslrootcert={theirs}"),
            unknown,
        ),
        (
            &url,
            format!("sslmode=verify-ca&sslrootcert={theirs}"),
            unknown,
        ),
        (
            &url,
            format!("sslmode=verify-full&sslrootcert={theirs}"),
            unknown,
        ),
        (&url, "sslmode=verify-full".to_owned(), unknown),
        (
            &by_name,
            format!("sslmode=verify-full&sslrootcert={ours}"),
            "invalid peer certificate: certificate not valid for name \"localhost\"",
        ),
    ] {
        let error = open(url, &parameters).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        let host = if url == &by_name {
            "localhost"
        } else {
            "127.0.0.1"
        };
        let sentence = format!("no connection to postgres://{host}:{port}/state: {said}");
        let error = error.to_string();
        assert!(error.starts_with(&sentence), "{parameters}: {error}");
    }

    let error = open(&url, "sslmode=disable").await.unwrap_err();
    assert!(matches!(error, Error::AccessDenied { .. }), "{error:?}");
    assert!(error.to_string().contains("no encryption"), "{error}");

    for (file, reason) in [
        (&empty, "no certificate in it"),
        (&missing, "No such file or directory (os error 2)"),
    ] {
        let parameters = format!("sslmode=verify-full&sslrootcert={file}");
        let error = open(&url, &parameters).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the address of the state is not valid: sslrootcert {file}: {reason}")
        );
    }
}

#[tokio::test]
async fn a_server_without_tls() {
    let url = super::server::url();
    let store = PostgresStore::open(&format!("{url}?sslmode=prefer"))
        .await
        .unwrap();
    assert!(!store.facts().await.unwrap().encrypted);
    let error = PostgresStore::open(&format!("{url}?sslmode=require"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(
        error.to_string().ends_with(": server does not support TLS"),
        "{error}"
    );
}
