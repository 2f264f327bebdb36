//! `docker events`.

use bollard_stubs::models;
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::Value;

use crate::scene::{Scene, sample};

/// The next line of a stream, unchanged.
async fn next(body: &mut Incoming) -> Option<String> {
    let frame = body.frame().await?.expect("no error");
    let bytes = frame.into_data().expect("data");
    Some(String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

fn parsed(line: &str) -> Value {
    assert!(line.ends_with("}\n"), "{line:?}");
    serde_json::from_str::<models::EventMessage>(line).expect("an event");
    serde_json::from_str(line).expect("JSON")
}

/// The head is sent before the first event, then each event at once.
#[tokio::test]
async fn events_come_as_they_happen() {
    let scene = Scene::new().await;
    for (path, content_type, is_old) in [
        ("/events", "application/jsonl", false),
        ("/v1.51/events", "application/json", true),
    ] {
        let mut client = scene.connect().await;
        let response = client.begin(Request::get(path), Vec::new()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], content_type);
        let mut body = response.into_body();
        let image = sample(path, 0);
        scene.load(&image, &["p/one:1"]).await;
        let event = parsed(&next(&mut body).await.expect("an event"));
        assert_eq!(event["Type"], "image");
        assert_eq!(event["Action"], "load");
        assert_eq!(event["Actor"]["ID"], image.id());
        assert_eq!(event["Actor"]["Attributes"]["org.example.seed"], path);
        assert_eq!(event["scope"], "local");
        assert_eq!(event.get("status").is_some(), is_old);
        client.leave(body).await;
    }
}

#[tokio::test]
async fn the_past_ends() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    scene
        .post("/images/p/one:1/tag?repo=p/two&tag=1", Vec::new())
        .await;
    let now = Timestamp::now();
    let now = format!("{}.{:09}", now.as_second(), now.subsec_nanosecond());
    for query in [format!("since=0&until={now}"), format!("until={now}")] {
        let answer = scene.get(&format!("/events?{query}")).await;
        let lines: Vec<Value> = answer.text().split_inclusive('\n').map(parsed).collect();
        let actions = lines.iter().map(|line| line["Action"].as_str());
        assert_eq!(actions.collect::<Vec<_>>(), [Some("load"), Some("tag")]);
    }
    let filters = "filters=%7B%22event%22:%5B%22tag%22%5D%7D";
    let answer = scene
        .get(&format!("/events?since=0&until={now}&{filters}"))
        .await;
    assert_eq!(
        parsed(answer.text())["Actor"]["Attributes"]["name"],
        "p/two:1"
    );
    let sequence = Request::get(format!("/events?since=0&until={now}&{filters}"))
        .header("accept", "application/json-seq");
    let answer = scene.send(sequence, Vec::new()).await;
    assert_eq!(answer.content_type, "application/json-seq");
    let text = answer.text();
    let event = text.strip_prefix('\u{1e}').expect("a separator");
    assert_eq!(parsed(event)["Action"], "tag");
}

#[tokio::test]
async fn refused() {
    let scene = Scene::new().await;
    for (query, message) in [
        (
            "since=x",
            "invalid value for 'since': failed to parse value as time or duration: \"x\"",
        ),
        (
            "since=2&until=1",
            "`since` time (2) cannot be after `until` time (1)",
        ),
        ("filters=x", "invalid filter"),
        (
            "filters=%7B%22bogus%22:%5B%221%22%5D%7D",
            "invalid filter 'bogus'",
        ),
    ] {
        let refusal = scene.get(&format!("/events?{query}")).await.refusal();
        assert_eq!(refusal, (400, message.to_owned()));
    }
}

/// A client that only listens does not delay a shutdown, and gets a regular end.
#[tokio::test]
async fn a_shutdown_ends_the_stream() {
    let scene = Scene::new().await;
    let mut client = scene.connect().await;
    let response = client.begin(Request::get("/events"), Vec::new()).await;
    let mut body = response.into_body();
    client.shut_down().await;
    assert_eq!(next(&mut body).await, None);
}
