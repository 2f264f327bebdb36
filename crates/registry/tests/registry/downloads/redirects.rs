use sockerless_registry::{Client, Config, ErrorKind, Fault, Proxies};

use super::web::{Answer, Web, ok, redirect};
use super::{LOCAL, REMOTE, all, download, once};

#[tokio::test]
async fn redirects_are_followed() {
    let other = Web::start(|_| Answer::Close(ok(b"other"))).await;
    let elsewhere = other.url("/x?signature=hidden");
    let web = Web::start(move |path| match path {
        "/away" => redirect(302, &elsewhere),
        "/here" => Answer::Close(ok(b"here")),
        status => redirect(status[1..].parse().expect("a status"), "here"),
    })
    .await;
    for status in [301, 302, 303, 307, 308] {
        let url = web.url(&format!("/{status}"));
        assert_eq!(download(&url, LOCAL).await.expect("here"), "here");
    }
    let found = Client::new(once())
        .download(&web.url("/away"), LOCAL)
        .await
        .expect("there");
    assert_eq!(found.url(), other.url("/x?…"));
    assert_eq!(all(found).await.expect("there"), "other");
    let head = &other.heads()[0];
    assert!(head.starts_with("GET /x?signature=hidden HTTP"), "{head}");
}

#[tokio::test]
async fn redirects_end() {
    let web = Web::start(|path| match path[1..].parse::<u32>() {
        Ok(0) => Answer::Close(ok(b"end")),
        Ok(left) => redirect(307, &format!("/{}", left - 1)),
        Err(_) => redirect(307, path),
    })
    .await;
    assert_eq!(download(&web.url("/10"), LOCAL).await.expect("10"), "end");
    for path in ["/11", "/circle"] {
        let before = web.count();
        let error = download(&web.url(path), LOCAL).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
        assert!(
            error.to_string().contains("more than 10 redirects"),
            "{error}"
        );
        assert_eq!(web.count() - before, 11, "{path}");
    }
}

#[tokio::test]
async fn https_leads_to_https_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = Web::start(|_| Answer::Close(ok(b"plain"))).await;
    let away = plain.url("/x");
    let secure = Web::secure(folder.path(), move |path| match path {
        "/file" => Answer::Close(ok(b"secure")),
        "/here" => redirect(302, "/file"),
        _ => redirect(302, &away),
    })
    .await;
    let certs_dir = Some(folder.path().to_owned());
    let client = Client::new(Config {
        certs_dir,
        ..once()
    });
    let https = |path| format!("https://{}{path}", secure.host());

    let found = client.download(&https("/here"), LOCAL).await;
    assert_eq!(all(found.expect("there")).await.expect("whole"), "secure");
    let error = client
        .download(&https("/away"), LOCAL)
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
    let expected = format!("{} is not https", plain.url("/x"));
    assert!(error.to_string().contains(&expected), "{error}");
    assert_eq!(plain.count(), 0);

    // An unknown CA is not trusted, on any host and regardless of the insecure list.
    let insecure = vec![secure.host().to_owned()];
    let stranger = Client::new(Config { insecure, ..once() });
    let error = stranger
        .download(&https("/file"), LOCAL)
        .await
        .expect_err("unknown");
    let is_unknown = matches!(error.fault(), Fault::UnknownAuthority { .. });
    assert!(is_unknown, "{error:?}");
}

#[tokio::test]
async fn redirects_that_lead_nowhere() {
    let web = Web::start(|path| match path {
        "/file" => redirect(302, "file:///etc/passwd"),
        "/user" => redirect(302, "http://u:hunter2@r.io/"),
        _ => Answer::Close(super::web::reply("302 X", "content-length: 0\r\n", b"")),
    })
    .await;
    for path in ["/file", "/user", "/none"] {
        let error = download(&web.url(path), LOCAL).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn nobody_is_redirected_to_this_machine_or_its_link() {
    let here = Web::start(|_| Answer::Close(ok(b"here"))).await;
    let local = here.url("/x");
    let proxy = Web::start(move |url| match url.rsplit('/').next() {
        Some("file") => Answer::Close(ok(b"remote")),
        Some("moved") => redirect(301, "http://10.0.0.1/file"),
        Some("metadata") => redirect(301, "http://169.254.169.254/latest?token=hidden"),
        _ => redirect(301, &local),
    })
    .await;
    let config = Config {
        proxies: Proxies::new(&proxy.url(""), "", ""),
        ..once()
    };
    let client = Client::new(config);
    for path in ["file", "moved"] {
        let url = format!("http://files.example/{path}");
        let found = client.download(&url, REMOTE).await.expect("remote");
        assert_eq!(all(found).await.expect("remote"), "remote");
    }
    let before = proxy.count();
    for (path, end) in [
        (
            "metadata",
            "(redirected to http://169.254.169.254/latest?…): \
             169.254.169.254 is an address of this machine's own link",
        ),
        ("local", "127.0.0.1 is an address of this machine"),
    ] {
        let url = format!("http://files.example/{path}");
        let error = client.download(&url, REMOTE).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(
            matches!(error.fault(), Fault::LocalAddress { .. }),
            "{error:?}"
        );
        assert!(error.to_string().ends_with(end), "{error}");
    }
    assert_eq!((proxy.count() - before, here.count()), (2, 0));
}
