//! `docker save`.

use std::error::Error;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;

use http_body_util::BodyExt;
use hyper::Request;
use sockerless_testkit::image::{Image, Layer};

use crate::scene::{Scene, sample};

#[tokio::test]
async fn an_archive_can_be_loaded_again() {
    let scene = Scene::with_images(&["p/one:1", "alpine:3"]).await;
    for path in [
        "/images/p/one:1/get",
        "/images/get?names=p/one:1&names=alpine:3",
        "/v1.47/images/get?names=alpine&platform=ignored",
    ] {
        let archive = scene.get(path).await;
        assert_eq!(archive.status, 200, "{path}");
        assert_eq!(archive.content_type, "application/x-tar");
        assert!(archive.is_chunked);
        let other = Scene::new().await;
        let loaded = other.post("/images/load", archive.body.to_vec()).await;
        let text = loaded.text();
        assert_eq!(text.contains("p/one:1"), path.contains("p/one"), "{text}");
        assert_eq!(text.contains("alpine:3"), path.contains("alpine"), "{text}");
    }
}

#[tokio::test]
async fn what_is_known_before_the_first_byte_is_a_status() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    for path in [
        "/images/nosuch:1/get",
        "/images/get?names=p/one:1&names=nosuch:1",
    ] {
        let missing = scene.get(path).await.refusal();
        assert_eq!(
            missing,
            (404, "No such image: nosuch:1".to_owned()),
            "{path}"
        );
    }
    let refusal = scene.get("/images/p/one:1/get?platform=x").await.refusal();
    assert_eq!(refusal.0, 400);
    let platform = "platform=%7B%22os%22:%22linux%22,%22architecture%22:%22amd64%22%7D";
    let two = format!("/images/p/one:1/get?{platform}&{platform}");
    let (status, message) = scene.get(&format!("/v1.51{two}")).await.refusal();
    assert_eq!(status, 400);
    assert!(
        message.contains("use API version 1.52 or later"),
        "{message}"
    );
    assert_eq!(scene.get(&format!("/v1.52{two}")).await.status, 200);
}

/// No error message is written into the archive, and the client can see that it is incomplete.
#[tokio::test]
async fn what_goes_wrong_later_ends_the_connection() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    let image = sample("p/one:1", 0);
    let blob = scene.blob(&image.diff_ids()[0]);
    let mut bytes = fs::read(&blob).expect("the layer");
    bytes[600] ^= 1;
    fs::set_permissions(&blob, fs::Permissions::from_mode(0o600)).expect("writable");
    fs::write(&blob, bytes).expect("written");
    let mut client = scene.connect().await;
    let response = client
        .begin(Request::get("/images/p/one:1/get"), Vec::new())
        .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-tar");
    let mut body = response.into_body();
    let mut archive = Vec::new();
    let error = loop {
        match body.frame().await.expect("no regular end") {
            Ok(frame) => archive.extend_from_slice(frame.data_ref().expect("data")),
            Err(error) => break error,
        }
    };
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    let kind = cause.map(io::Error::kind);
    assert_eq!(kind, Some(io::ErrorKind::UnexpectedEof), "{error:?}");
    let tail = String::from_utf8_lossy(&archive);
    assert!(!tail.contains("message") && !tail.contains("errorDetail"));
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_work() {
    let scene = Scene::new().await;
    // More than a connection buffers.
    let layer = Layer::with_file("big", &"0123456789abcdef".repeat(1 << 16));
    scene
        .load(&Image::with_layers("big", vec![layer]), &["big:1"])
        .await;
    let mut client = scene.connect().await;
    let response = client
        .begin(Request::get("/images/big:1/get"), Vec::new())
        .await;
    let mut body = response.into_body();
    body.frame().await.expect("a beginning").expect("data");
    client.leave(body).await;
}
