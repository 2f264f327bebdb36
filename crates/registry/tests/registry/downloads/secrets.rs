use sockerless_registry::{Client, ErrorKind};

use super::web::{Answer, Web, ok, redirect, reply};
use super::{LOCAL, all, once};
use crate::secrets::Log;

#[tokio::test]
async fn the_user_is_shown_to_the_origin_and_to_nobody_else() {
    let log = Log::default();
    let _guard = log.record();
    let other = Web::start(|_| Answer::Close(ok(b"other"))).await;
    let elsewhere = other.url("/");
    let web = Web::start(move |path| match path {
        "/here" => redirect(302, "/file?signature=hunter2"),
        "/away" => redirect(302, &elsewhere),
        "/denied" => Answer::Close(reply("401 X", "content-length: 0\r\n", b"")),
        "/short" => Answer::Close(reply("200 OK", "content-length: 9\r\n", b"1")),
        "/lost" => Answer::Close(Vec::new()),
        _ => Answer::Close(ok(b"file")),
    })
    .await;
    let client = Client::new(crate::setup::config());
    let url = |path: &str| format!("http://u:hunter%32@{}{path}", web.host());
    let mut shown = String::new();
    for (path, expected) in [("/here", "file"), ("/away", "other")] {
        let found = client.download(&url(path), LOCAL).await.expect(path);
        shown += &format!("{found:?}");
        assert_eq!(all(found).await.expect(path), expected);
    }
    let short = client.download(&url("/short"), LOCAL).await.expect("begun");
    let mut errors = vec![all(short).await.expect_err("short")];
    for path in ["/denied", "/lost"] {
        errors.push(client.download(&url(path), LOCAL).await.expect_err(path));
    }
    assert_eq!(errors[1].kind(), ErrorKind::Unauthorized, "{}", errors[1]);
    for text in [
        "http://u:hunter2@h:x/",
        "ftp://u:hunter2@h/",
        "u:hunter2@h/",
        "http://u:hun/ter2@h/",
    ] {
        let outcome = Client::new(once()).download(text, LOCAL).await;
        errors.push(outcome.expect_err(text));
    }
    for error in errors {
        shown += &format!("{error} {error:?}");
    }

    // `dTpodW50ZXIy` is `u:hunter2`.
    for head in web.heads() {
        assert!(
            head.contains("authorization: Basic dTpodW50ZXIy\r\n"),
            "{head}"
        );
    }
    for head in other.heads() {
        assert!(!head.contains("authorization"), "{head}");
    }
    let logged = log.text();
    assert!(logged.contains("trying again"), "{logged}");
    for secret in ["hunter", "hun/ter", "dTpodW50ZXI", "signature"] {
        assert!(!logged.contains(secret), "{secret}: {logged}");
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
