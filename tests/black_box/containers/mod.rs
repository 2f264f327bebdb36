//! Containers: created, listed, renamed and removed, and never shown as running.

mod clients;
mod creating;
mod listing;
mod pulling;
mod refusing;
mod removing;

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Request, Response, escaped};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;

/// A daemon with one image, `p/one:1`.
fn loaded(backend: Backend) -> (Daemon, Image) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("containers", 1);
    load(&daemon, &image, &["p/one:1"]);
    (daemon, image)
}

fn load(daemon: &Daemon, image: &Image, names: &[&str]) {
    let response = daemon.load(&image.docker_archive(names).finish());
    assert_eq!(response.status, 200, "{}", response.text());
}

fn post(daemon: &Daemon, target: &str, body: &Value) -> Response {
    let request = Request::post(target)
        .header("Content-Type", "application/json")
        .body(body.to_string());
    daemon.request(&request)
}

/// Creates a container, which must succeed, and returns its ID.
fn create(daemon: &Daemon, name: &str, body: &Value) -> String {
    let target = format!("/containers/create?name={}", escaped(name));
    let response = post(daemon, &target, body);
    assert_eq!(response.status, 201, "{body}: {}", response.text());
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    let created = response.json();
    assert_eq!(created["Warnings"], json!([]), "{created}");
    let id = created["Id"].as_str().expect("an ID").to_owned();
    let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    assert!(id.len() == 64 && id.bytes().all(is_hex), "{id}");
    id
}

/// A container with only an image.
fn create_of(daemon: &Daemon, image: &str, name: &str) -> String {
    create(daemon, name, &json!({ "Image": image }))
}

fn get(daemon: &Daemon, target: &str) -> Value {
    let response = daemon.get(target);
    assert_eq!(response.status, 200, "{target}: {}", response.text());
    response.json()
}

fn inspect(daemon: &Daemon, name: &str) -> Value {
    get(daemon, &format!("/containers/{name}/json"))
}

fn delete(daemon: &Daemon, target: &str) -> Response {
    daemon.request(&Request::new("DELETE", target))
}

/// The names in `GET /containers/json`, newest first, without their slashes.
fn names(daemon: &Daemon, query: &str) -> Vec<String> {
    let rows = get(daemon, &format!("/containers/json?{query}"));
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| {
        let name = row["Names"][0].as_str().expect("a name");
        name.strip_prefix('/').expect("a slash").to_owned()
    })
    .collect()
}

/// Status and message of a refusal.
fn refusal(response: &Response) -> (u16, String) {
    (response.status, response.message())
}
