use std::sync::atomic::{AtomicUsize, Ordering};

use sockerless_registry::{Client, ErrorKind};

use super::web::{Answer, Web, ok, reply};
use super::{LOCAL, all, download};
use crate::setup::config;

#[tokio::test]
async fn only_status_200_is_taken() {
    let web = Web::start(|path| {
        let status = path.trim_start_matches('/');
        Answer::Close(reply(&format!("{status} X"), "content-length: 0\r\n", b""))
    })
    .await;
    for (status, kind, words) in [
        (201, ErrorKind::Mismatch, "201 Created"),
        (204, ErrorKind::Mismatch, "204 No Content"),
        (206, ErrorKind::Mismatch, "206 Partial Content"),
        (300, ErrorKind::Mismatch, "300 Multiple Choices"),
        (304, ErrorKind::Mismatch, "304 Not Modified"),
        (400, ErrorKind::Invalid, "400 Bad Request"),
        (
            401,
            ErrorKind::Unauthorized,
            "unauthorized: authentication required",
        ),
        (403, ErrorKind::Denied, "denied: requested access"),
        (404, ErrorKind::NotFound, "404 Not Found"),
        (410, ErrorKind::Invalid, "410 Gone"),
        (
            429,
            ErrorKind::RateLimited,
            "toomanyrequests: too many requests",
        ),
        (500, ErrorKind::Unavailable, "500 Internal Server Error"),
        (503, ErrorKind::Unavailable, "503 Service Unavailable"),
    ] {
        let url = web.url(&format!("/{status}"));
        let error = download(&url, LOCAL).await.expect_err("no file");
        assert_eq!(error.kind(), kind, "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("cannot download {url}: ")),
            "{text}"
        );
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn what_fails_before_the_first_byte_is_tried_again() {
    let begun = AtomicUsize::new(0);
    let web = Web::start(move |path| {
        if path != "/late" {
            return Answer::Close(Vec::new());
        }
        match begun.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::Close(Vec::new()),
            1 => Answer::Close(reply("503 X", "content-length: 0\r\n", b"")),
            _ => Answer::Close(ok(b"at last")),
        }
    })
    .await;
    let client = Client::new(config());
    let found = client.download(&web.url("/late"), LOCAL).await;
    assert_eq!(all(found.expect("begun")).await.expect("whole"), "at last");
    assert_eq!(web.count(), 3);

    let error = client
        .download(&web.url("/never"), LOCAL)
        .await
        .expect_err("nothing there");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(web.count(), 3 + 4);
}

#[tokio::test]
async fn urls_that_are_none() {
    for url in [
        "",
        "files.example/x",
        "ftp://files.example/x",
        "http://",
        "http://h:99999/",
    ] {
        let error = download(url, LOCAL).await.expect_err(url);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(
            error
                .to_string()
                .contains("expected a URL of the form http"),
            "{error}"
        );
    }
}
