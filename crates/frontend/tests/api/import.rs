//! `docker import`.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sockerless_testkit::tar::Tar;
use tokio::net::TcpListener;

use crate::scene::{Answer, Scene};

fn file_system() -> Vec<u8> {
    Tar::new().file("etc/hostname", "box\n").finish()
}

/// The ID in the only line.
fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.content_type, "application/json");
    let text = answer.text();
    assert!(
        text.ends_with("\r\n") && text.lines().count() == 1,
        "{text}"
    );
    let line: Value = serde_json::from_str(text).expect("JSON");
    let id = line["status"].as_str().expect("a status");
    assert!(id.starts_with("sha256:") && id.len() == 71, "{id}");
    id.to_owned()
}

/// The body is a file system, whatever its content type.
#[tokio::test]
async fn a_body_of_any_type() {
    for content_type in [
        "application/x-www-form-urlencoded",
        "application/x-tar",
        "text/plain",
    ] {
        let scene = Scene::new().await;
        let path = concat!(
            "/images/create?fromSrc=-&repo=p/box&tag=1&message=hello",
            "&changes=ENV+A%3Db&changes=USER+me&platform=linux/arm64"
        );
        let request = Request::post(path).header("content-type", content_type);
        let id = id(&scene.send(request, file_system()).await);
        let image = scene.get("/images/p/box:1/json").await.json();
        assert_eq!(image["Id"], id.as_str(), "{content_type}");
        assert_eq!(image["Architecture"], "arm64");
        assert_eq!(image["Config"]["Env"][0], "A=b");
        assert_eq!(image["Config"]["User"], "me");
        assert!(image["Size"].as_u64().expect("bytes") > 0);
        let history = scene.get("/images/p/box:1/history").await.json();
        assert_eq!(history[0]["Comment"], "hello");
    }
}

#[tokio::test]
async fn errors_are_statuses() {
    let scene = Scene::new().await;
    for (query, body, expected) in [
        ("fromSrc=-&repo=UPPER", file_system(), 400),
        ("fromSrc=-&changes=RUN+x", file_system(), 400),
        ("fromSrc=-&platform=/", file_system(), 400),
        ("fromSrc=-", vec![7; 2048], 500),
        ("fromSrc=file:///etc/passwd", Vec::new(), 400),
        ("tag=1", Vec::new(), 400),
    ] {
        let answer = scene.post(&format!("/images/create?{query}"), body).await;
        let (status, message) = answer.refusal();
        assert_eq!(status, expected, "{query}: {message}");
    }
    assert_eq!(scene.get("/images/json").await.text(), "[]\n");
}

/// Serves one request with a file system; returns the address.
async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        let (io, _) = listener.accept().await.expect("accept");
        let answer = service_fn(|request: Request<Incoming>| async move {
            assert_eq!(request.uri().path(), "/box.tar");
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(file_system())))
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(io), answer);
        connection.await.expect("served");
    });
    address.to_string()
}

#[tokio::test]
async fn what_a_url_gives() {
    for scheme in ["http://", ""] {
        let scene = Scene::new().await;
        let url = format!("{scheme}{}/box.tar", serve().await);
        let request = Request::post("/images/create")
            .header("content-type", "application/x-www-form-urlencoded");
        let form = format!("fromSrc={url}&repo=p/box");
        let id = id(&scene.send(request, form.into_bytes()).await);
        let image = scene.get("/images/p/box/json").await.json();
        assert_eq!(image["Id"], id.as_str(), "{url}");
        let comment = scene.get("/images/p/box/history").await.json()[0]["Comment"].clone();
        let comment = comment.as_str().expect("a comment");
        assert!(comment.starts_with("Imported from "), "{comment}");
    }
}

/// A form cannot contain a file system.
#[tokio::test]
async fn the_source_is_no_form() {
    let scene = Scene::new().await;
    let request =
        Request::post("/images/create").header("content-type", "application/x-www-form-urlencoded");
    let answer = scene.send(request, b"fromSrc=-&repo=x".to_vec()).await;
    let (status, message) = answer.refusal();
    assert_eq!(status, 400);
    assert!(message.contains("into the query"), "{message}");
}
