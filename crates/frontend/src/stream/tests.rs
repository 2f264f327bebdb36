//! Tests of the order of lines, of blank lines and of failures.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

use super::*;

type Text = &'static str;

fn words(step: Step<Text, Text>) -> Vec<Message> {
    match step {
        Step::Update("nothing to say") => Vec::new(),
        Step::Update(text) => vec![Message::status(text)],
        Step::Done(text) => vec![Message::stream(text), Message::stream("end")],
    }
}

fn parts() -> Parts {
    let request = Request::post("/images/create").body(());
    request.expect("a request").into_parts().0
}

fn failed() -> Failure {
    Failure::bad_request("it broke")
}

/// The whole response, or status and message.
async fn told(work: Work<Text, Text>) -> Result<String, (u16, String)> {
    let response = answer(&parts(), work, words).await;
    let response = response.map_err(|failure| (failure.status.as_u16(), failure.message))?;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.into_body().collect().await.expect("unbroken");
    Ok(String::from_utf8(body.to_bytes().to_vec()).expect("UTF-8"))
}

/// Work that sends all events and then ends.
fn script(events: &'static [Text], outcome: Result<Text, Failure>) -> Work<Text, Text> {
    let (sender, receiver) = mpsc::channel(2);
    let work = async move {
        for &event in events {
            sender.send(event).await.expect("somebody listens");
        }
        outcome
    };
    Work::new(work, receiver)
}

const BROKEN: Text = "{\"errorDetail\":{\"message\":\"it broke\"},\"error\":\"it broke\"}\r\n";

#[tokio::test]
async fn lines_come_in_order_and_the_outcome_last() {
    assert_eq!(
        told(script(&["a", "b", "c", "d", "e"], Ok("done"))).await,
        Ok([
            "{\"status\":\"a\"}\r\n",
            "{\"status\":\"b\"}\r\n",
            "{\"status\":\"c\"}\r\n",
            "{\"status\":\"d\"}\r\n",
            "{\"status\":\"e\"}\r\n",
            "{\"stream\":\"done\"}\r\n",
            "{\"stream\":\"end\"}\r\n",
        ]
        .concat())
    );
}

#[tokio::test]
async fn an_error_before_the_first_line_is_a_status() {
    let refused = Err((400, "it broke".to_owned()));
    assert_eq!(told(script(&[], Err(failed()))).await, refused);
    let silent = script(&["nothing to say"], Err(failed()));
    assert_eq!(told(silent).await, refused);
}

#[tokio::test]
async fn an_error_after_the_first_line_is_the_last_one() {
    let broken = told(script(&["a"], Err(failed()))).await;
    assert_eq!(broken, Ok(format!("{{\"status\":\"a\"}}\r\n{BROKEN}")));
}

#[tokio::test]
async fn the_last_line_comes_after_what_was_sent_last() {
    let (sender, receiver) = mpsc::channel(8);
    let left_behind = sender.clone();
    let work = async move {
        for event in ["a", "b", "c"] {
            sender.try_send(event).expect("a place");
        }
        Ok("done")
    };
    let text = told(Work::new(work, receiver)).await.expect("lines");
    assert_eq!(
        text,
        "{\"status\":\"a\"}\r\n{\"status\":\"b\"}\r\n{\"status\":\"c\"}\r\n\
         {\"stream\":\"done\"}\r\n{\"stream\":\"end\"}\r\n"
    );
    assert!(left_behind.is_closed());
}

#[tokio::test]
async fn work_may_have_nothing_to_tell() {
    let (_, receiver) = mpsc::channel(1);
    let work = async {
        tokio::task::yield_now().await;
        Ok("done")
    };
    let text = told(Work::new(work, receiver)).await.expect("lines");
    assert_eq!(text, "{\"stream\":\"done\"}\r\n{\"stream\":\"end\"}\r\n");
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_by_blank_lines() {
    let begun = Instant::now();
    let (sender, receiver) = mpsc::channel(1);
    let work = async move {
        sleep(Duration::from_secs(70)).await;
        sender.send("a").await.expect("somebody listens");
        sleep(Duration::from_secs(29)).await;
        sender.send("b").await.expect("somebody listens");
        sleep(Duration::from_secs(31)).await;
        Err(failed())
    };
    let response = answer(&parts(), Work::new(work, receiver), words).await;
    let response = response.map_err(|failure| failure.message).expect("a head");
    assert_eq!(begun.elapsed(), SILENCE, "the head comes with a blank line");
    let body = response.into_body().collect().await.expect("unbroken");
    assert_eq!(
        body.to_bytes(),
        format!("\r\n\r\n{{\"status\":\"a\"}}\r\n{{\"status\":\"b\"}}\r\n\r\n{BROKEN}")
    );
}

#[tokio::test(start_paused = true)]
async fn silence_does_not_count_while_the_client_writes() {
    let (sender, receiver) = mpsc::channel::<Text>(1);
    let work = async move {
        let _sender = sender;
        sleep(Duration::from_secs(100)).await;
        Err::<Text, _>(failed())
    };
    let upload = sleep(Duration::from_secs(71));
    let work = Work::new(work, receiver).patient_until(upload);
    assert_eq!(told(work).await, Err((400, "it broke".to_owned())));
}

/// Serves one connection with `work`.
fn serve(work: Work<Text, Text>) -> DuplexStream {
    let (client, server) = tokio::io::duplex(1 << 16);
    let work = Arc::new(Mutex::new(Some(work)));
    let service =
        service_fn(move |request: Request<Incoming>| {
            let work = work.lock().expect("unpoisoned").take();
            async move {
                let (parts, _) = request.into_parts();
                let answer = answer(&parts, work.expect("one request"), words).await;
                Ok::<_, Infallible>(answer.unwrap_or_else(|failure| {
                    crate::answer::error(failure.status, &failure.message)
                }))
            }
        });
    tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(server), service));
    client
}

const REQUEST: &[u8] = b"POST /images/create HTTP/1.1\r\nhost: x\r\n\r\n";

async fn read_until(client: &mut DuplexStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(client.read_u8().await.expect("more").into());
    }
    text
}

#[tokio::test]
async fn each_line_is_a_chunk_and_is_not_held_back() {
    let (sender, receiver) = mpsc::channel(1);
    let (go_on, go) = oneshot::channel();
    let mut client = serve(Work::new(
        async move {
            sender.send("a").await.expect("somebody listens");
            go.await.expect("the client has read");
            sender.send("b").await.expect("somebody listens");
            Ok("done")
        },
        receiver,
    ));
    client.write_all(REQUEST).await.expect("write");
    let head = read_until(&mut client, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("transfer-encoding: chunked\r\n"), "{head}");
    assert_eq!(
        read_until(&mut client, "}\r\n\r\n").await,
        "10\r\n{\"status\":\"a\"}\r\n\r\n"
    );
    go_on.send(()).expect("the work waits");
    let rest = read_until(&mut client, "\r\n0\r\n\r\n").await;
    assert!(
        rest.starts_with("10\r\n{\"status\":\"b\"}\r\n\r\n"),
        "{rest}"
    );
    assert!(rest.contains("{\"stream\":\"end\"}\r\n"), "{rest}");
}

/// Work without an end, and a receiver that ends when it is dropped.
fn endless(first: Option<Text>) -> (Work<Text, Text>, oneshot::Receiver<Infallible>) {
    let (alive, dropped) = oneshot::channel();
    let (sender, receiver) = mpsc::channel(1);
    let work = async move {
        let _alive = alive;
        if let Some(first) = first {
            sender.send(first).await.expect("somebody listens");
        }
        pending().await
    };
    (Work::new(work, receiver), dropped)
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_work() {
    let (work, dropped) = endless(Some("a"));
    let mut client = serve(work);
    client.write_all(REQUEST).await.expect("write");
    read_until(&mut client, "\"a\"}\r\n").await;
    drop(client);
    dropped.await.expect_err("nothing is ever sent");

    let (work, dropped) = endless(None);
    let mut client = serve(work);
    client.write_all(REQUEST).await.expect("write");
    drop(client);
    dropped.await.expect_err("nothing is ever sent");
}

#[tokio::test]
async fn a_dropped_body_ends_the_work() {
    let (work, mut dropped) = endless(Some("a"));
    let response = answer(&parts(), work, words).await;
    let response = response.map_err(|failure| failure.message).expect("a head");
    assert!(
        dropped
            .try_recv()
            .is_err_and(|e| e == oneshot::error::TryRecvError::Empty)
    );
    drop(response);
    assert!(
        dropped
            .try_recv()
            .is_err_and(|e| e == oneshot::error::TryRecvError::Closed)
    );
}
