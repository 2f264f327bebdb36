//! What `POST /containers/create` refuses: nothing is created then.

use serde_json::{Value, json};
use sockerless_testkit::daemon::Backend;
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::Image;

use super::{create, create_of, inspect, load, loaded, names, post, refusal};
use crate::outcome::{Faults, same};

on_both_backends!(refused, bodies_that_are_none, too_large);

fn refused(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let bare = Image::sample("bare", 0).reconfigured(|config| config["config"] = json!({}));
    load(&daemon, &bare, &["bare:1"]);
    let first = create_of(&daemon, "p/one:1", "taken");
    let taken = format!(
        "Conflict. The container name \"/taken\" is already in use by container \"{first}\". You \
         have to remove (or rename) that container to be able to reuse that name."
    );
    let one = json!({ "Image": "p/one:1" });
    let with = |key: &str, value: Value| {
        let mut body = one.clone();
        body[key] = value;
        body
    };
    let of = |image: &str| json!({ "Image": image });
    let bad_name = |name: &str| {
        format!("Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    };
    let mut faults = Faults::default();
    for (name, body, status, message) in [
        ("taken", one.clone(), 409, taken.clone()),
        ("/taken", one.clone(), 409, taken),
        ("x y", one.clone(), 400, bad_name("x y")),
        ("x", one.clone(), 400, bad_name("x")),
        ("_xx", one.clone(), 400, bad_name("_xx")),
        ("/", one.clone(), 400, bad_name("/")),
        (
            "",
            of("nosuch"),
            404,
            "No such image: nosuch:latest".to_owned(),
        ),
        (
            "",
            of("p/one"),
            404,
            "No such image: p/one:latest".to_owned(),
        ),
        (
            "",
            of(&format!("sha256:{}", "0".repeat(64))),
            404,
            format!("No such image: sha256:{}", "0".repeat(64)),
        ),
        (
            "",
            of("UPPER"),
            400,
            "invalid reference format: repository name (library/UPPER) must be lowercase"
                .to_owned(),
        ),
        ("", of("bare:1"), 400, "no command specified".to_owned()),
        (
            "",
            with("Entrypoint", json!([""])),
            400,
            "no command specified".to_owned(),
        ),
        (
            "",
            with("Env", json!(["=x"])),
            400,
            "invalid environment variable: =x".to_owned(),
        ),
        (
            "",
            with("WorkingDir", json!("rel")),
            400,
            "the working directory 'rel' is invalid, it needs to be an absolute path".to_owned(),
        ),
        (
            "",
            with("StopSignal", json!("NOPE")),
            400,
            "invalid signal: NOPE".to_owned(),
        ),
        (
            "",
            with("Healthcheck", json!({ "Interval": 5 })),
            400,
            "Interval in Healthcheck cannot be less than 1ms".to_owned(),
        ),
    ] {
        let target = format!("/containers/create?name={}", escaped(name));
        let response = post(&daemon, &target, &body);
        let case = format!("{name:?} {body}");
        faults.note(&case, same("answer", refusal(&response), (status, message)));
    }
    faults.note(
        "afterwards",
        same(
            "containers",
            names(&daemon, "all=1"),
            vec!["taken".to_owned()],
        ),
    );
    faults.finish();
    assert_eq!(inspect(&daemon, "taken")["Image"], image.id());
}

fn bodies_that_are_none(backend: Backend) {
    let (daemon, _) = loaded(backend);
    let json = "application/json";
    let end = "invalid JSON: unexpected end of the request body";
    let mut faults = Faults::default();
    for (content_type, body, message) in [
        (json, "", "invalid JSON: got EOF while reading request body"),
        (
            json,
            "null",
            "config cannot be empty in order to create a container",
        ),
        (
            json,
            "{}",
            "config cannot be empty in order to create a container",
        ),
        (
            json,
            "[]",
            "invalid JSON: the request body has to be an object",
        ),
        (json, r#"{"Image":"p/one:1""#, end),
        (
            json,
            r#"{"Image":"p/one:1"}{}"#,
            "invalid JSON: line 1, column 20 of the request body is wrong",
        ),
        (
            json,
            r#"{"Image":5}"#,
            "invalid JSON: Image has to be a string",
        ),
        (
            json,
            r#"{"Image":"p/one:1","HostConfig":[]}"#,
            "invalid JSON: HostConfig has to be an object",
        ),
        (
            json,
            r#"{"Cmd":["a"]}"#,
            "the image is missing: name it in Image, as \"alpine:3\"",
        ),
        (
            "text/plain",
            r#"{"Image":"p/one:1"}"#,
            "unsupported Content-Type header (text/plain): must be 'application/json'",
        ),
        (
            "application/x-www-form-urlencoded",
            r#"{"Image":"p/one:1"}"#,
            "unsupported Content-Type header (application/x-www-form-urlencoded): must be \
             'application/json'",
        ),
    ] {
        let request = Request::post("/containers/create")
            .header("Content-Type", content_type)
            .body(body);
        let response = daemon.request(&request);
        let answer = (400, message.to_owned());
        faults.note(body, same("answer", refusal(&response), answer));
    }
    let nothing = daemon.post("/containers/create");
    let eof = "invalid JSON: got EOF while reading request body".to_owned();
    faults.note("nothing", same("answer", refusal(&nothing), (400, eof)));
    let request = Request::post("/containers/create")
        .header("Content-Type", "application/json; charset=utf-8")
        .chunked(vec![br#"{"Image":"#.to_vec(), br#""p/one:1"}"#.to_vec()]);
    faults.note(
        "chunks",
        same("status", daemon.request(&request).status, 201),
    );
    faults.finish();
}

fn too_large(backend: Backend) {
    let (daemon, _) = loaded(backend);
    let body =
        |bytes: usize| json!({ "Image": "p/one:1", "HostConfig": { "X": "x".repeat(bytes) } });
    let response = post(&daemon, "/containers/create", &body(4 << 20));
    let message = "the request body is too large: at most 4 MiB are read";
    assert_eq!(refusal(&response), (400, message.to_owned()));
    let id = create(&daemon, "", &body((4 << 20) - 200));
    let shown = inspect(&daemon, &id)["HostConfig"]["X"]
        .as_str()
        .map(str::len);
    assert_eq!(shown, Some((4 << 20) - 200));
}
