//! Heads of requests, however they are split.

use crate::scene::Scene;

#[tokio::test]
async fn empty_lines_before_a_head_may_be_split() {
    let scene = Scene::new().await;
    let request = "GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for before in ["", "\r\n", "\r\n\r\n"] {
        let response = scene
            .byte_by_byte(format!("{before}{request}").as_bytes())
            .await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(response.ends_with("\r\n\r\nOK"), "{response}");
    }
}

#[tokio::test]
async fn what_is_not_an_empty_line_is_refused_at_once() {
    let scene = Scene::new().await;
    for request in ["\rG", "\r\r", "\x16\x03"] {
        let response = scene.byte_by_byte(request.as_bytes()).await;
        assert!(
            response.starts_with("HTTP/1.1 400 "),
            "{request:?}: {response}"
        );
    }
}
