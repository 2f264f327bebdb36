use std::time::Duration;

use futures_util::StreamExt as _;
use sockerless_registry::{ByteStream, Client, Config, DownloadPolicy, ErrorKind, Fault, Timeouts};

use super::web::{Answer, Web, ok, reply};
use super::{LOCAL, all, download, once};
use crate::setup::noise;

/// `body` in chunks of 1000 bytes, without the final empty chunk.
fn chunks(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in body.chunks(1000) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// A server with one file, whose body ends in several ways.
async fn web(body: &[u8]) -> Web {
    let body = body.to_vec();
    Web::start(move |path| {
        let chunked = "transfer-encoding: chunked\r\n";
        let longer = format!("content-length: {}\r\n", body.len() + 1);
        Answer::Close(match path {
            "/length" => ok(&body),
            "/chunks" => reply(
                "200 OK",
                chunked,
                &[chunks(&body), b"0\r\n\r\n".to_vec()].concat(),
            ),
            "/both" => {
                let head = format!("{chunked}content-length: 3\r\n");
                reply(
                    "200 OK",
                    &head,
                    &[chunks(&body), b"0\r\n\r\n".to_vec()].concat(),
                )
            }
            "/close" => reply("200 OK", "", &body),
            "/old" => [b"HTTP/1.0 200 OK\r\n\r\n", &body[..]].concat(),
            "/encoded" => reply("200 OK", "content-encoding: gzip\r\n", &body),
            "/short" => reply("200 OK", &longer, &body),
            "/no-last-chunk" => reply("200 OK", chunked, &chunks(&body)),
            "/cut-chunk" => {
                let mut sent = chunks(&body);
                sent.truncate(sent.len() - 10);
                reply("200 OK", chunked, &sent)
            }
            other => panic!("{other}"),
        })
    })
    .await
}

#[tokio::test]
async fn whole_bodies() {
    let body = noise(3_000_000);
    let web = web(&body).await;
    let length = Some(3_000_000);
    for (path, expected) in [
        ("/length", length),
        ("/chunks", None),
        ("/both", None),
        ("/close", None),
        ("/old", None),
        ("/encoded", None),
    ] {
        let client = Client::new(once());
        let download = client.download(&web.url(path), LOCAL).await.expect(path);
        assert_eq!(download.length(), expected, "{path}");
        assert_eq!(download.url(), web.url(path));
        // It is a source of uploads, and outlives its client.
        drop(client);
        let stream: ByteStream = Box::pin(download);
        let pieces: Vec<_> = stream.map(|piece| piece.expect(path)).collect().await;
        assert!(pieces.concat() == body, "{path}: other bytes");
    }
    for head in web.heads() {
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("accept-encoding"), "{head}");
        assert!(head.contains("user-agent: sockerless/"), "{head}");
    }
}

#[tokio::test]
async fn broken_bodies_are_errors_and_not_asked_for_again() {
    let web = web(&noise(5000)).await;
    for (path, count) in [
        ("/short", "(after 5000 of 5001 bytes)"),
        ("/no-last-chunk", "(after 5000 bytes)"),
        ("/cut-chunk", " bytes)"),
    ] {
        let before = web.count();
        let client = Client::new(crate::setup::config());
        let download = client.download(&web.url(path), LOCAL).await.expect(path);
        let error = all(download).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        let text = error.to_string();
        let begin = format!("cannot download {}: ", web.url(path));
        assert!(text.starts_with(&begin) && text.ends_with(count), "{text}");
        assert_eq!(web.count() - before, 1, "{path}");
    }
}

#[tokio::test]
async fn the_limit_of_bytes_is_kept() {
    let web = web(&noise(5000)).await;
    let limited = |max_bytes| DownloadPolicy { max_bytes, ..LOCAL };
    for path in ["/length", "/chunks", "/close"] {
        let url = web.url(path);
        assert_eq!(download(&url, limited(5000)).await.expect(path).len(), 5000);
        let error = download(&url, limited(4999)).await.expect_err(path);
        assert!(
            matches!(error.fault(), Fault::TooLarge { limit: 4999 }),
            "{error:?}"
        );
        assert!(
            error.to_string().contains("larger than 4999 bytes"),
            "{error}"
        );
    }
    // The announced length is enough.
    let outcome = Client::new(once())
        .download(&web.url("/length"), limited(4999))
        .await;
    assert!(outcome.is_err(), "{outcome:?}");
}

#[tokio::test]
async fn stalls_are_errors() {
    let web = Web::start(|path| {
        Answer::Hang(match path {
            "/head" => b"HTTP/1.1 200 OK\r\n".to_vec(),
            _ => reply("200 OK", "content-length: 10\r\n", b"12345"),
        })
    })
    .await;
    let soon = Duration::from_millis(100);
    let idle = Timeouts {
        idle: soon,
        ..Timeouts::default()
    };
    let answer = Timeouts {
        answer: soon,
        ..Timeouts::default()
    };
    for (path, timeouts) in [("/body", idle), ("/head", answer)] {
        let client = Client::new(Config { timeouts, ..once() });
        let error = match client.download(&web.url(path), LOCAL).await {
            Ok(download) => all(download).await.expect_err(path),
            Err(error) => error,
        };
        assert!(
            matches!(error.fault(), Fault::Stalled { limit } if *limit == soon),
            "{error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        web.left().await;
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_closes_its_connection() {
    let web =
        Web::start(|_| Answer::Hang(reply("200 OK", "content-length: 10\r\n", b"12345"))).await;
    let client = Client::new(once());
    let download = client.download(&web.url("/"), LOCAL).await;
    drop(download.expect("begun"));
    web.left().await;

    let mut download = client.download(&web.url("/"), LOCAL).await.expect("begun");
    let first = download.next().await.expect("a piece").expect("bytes");
    assert_eq!(first, "12345");
    drop(download);
    web.left().await;
}
