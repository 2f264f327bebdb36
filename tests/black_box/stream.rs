//! The exact form of the response to a load.

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Request, Response};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;

on_both_backends!(
    quiet,
    progress,
    absent_means_progress,
    docker_result,
    escaping,
    errors_are_whole
);

fn load(daemon: &Daemon, query: &str, archive: &[u8]) -> Response {
    daemon.request(&Request::post(&format!("/images/load{query}")).body(archive))
}

/// What is on the wire: a chunk for each line, and the last chunk.
pub(crate) fn chunked(lines: &[String]) -> String {
    let chunk = |line: &String| format!("{:X}\r\n{line}\r\n\r\n", line.len() + 2);
    lines
        .iter()
        .map(chunk)
        .chain(["0\r\n\r\n".to_owned()])
        .collect()
}

pub(crate) fn raw(response: &Response) -> String {
    String::from_utf8(response.raw_body.clone()).expect("ASCII")
}

fn quiet(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("quiet", 2);
    let archive = image
        .docker_archive(&["quiet:1", "docker.io/team/quiet:2"])
        .finish();
    let lines = [
        r#"{"stream":"Loaded image: quiet:1\n"}"#.to_owned(),
        r#"{"stream":"Loaded image: team/quiet:2\n"}"#.to_owned(),
        format!(r#"{{"stream":"Loaded image ID: {}\n"}}"#, image.id()),
    ];
    for query in ["?quiet=1", "?quiet=true", "?quiet=yes", "?quiet=%20TRUE"] {
        let response = load(&daemon, query, &archive);
        assert_head(&response);
        assert_eq!(raw(&response), chunked(&lines), "{query}");
    }
}

fn assert_head(response: &Response) {
    assert!(
        response.head.starts_with("HTTP/1.1 200 OK\r\n"),
        "{}",
        response.head
    );
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    assert_eq!(response.header("Transfer-Encoding"), Some("chunked"));
    assert_eq!(response.header("Content-Length"), None);
    assert_eq!(response.header("Api-Version"), Some("1.55"));
    assert_eq!(response.header("Ostype"), Some("linux"));
    assert_eq!(response.header("Docker-Experimental"), Some("false"));
    assert!(
        response
            .header("Server")
            .is_some_and(|server| server.ends_with(" (linux)"))
    );
}

fn progress(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    assert_progress(&daemon, "?quiet=0", "progress");
}

fn absent_means_progress(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    assert_progress(&daemon, "", "absent");
    assert_progress(&daemon, "?quiet=", "empty");
    assert_progress(&daemon, "?quiet=no", "no");
    assert_progress(&daemon, "?quiet=none", "none");
    assert_progress(&daemon, "?quiet=False", "false");
}

/// `Loading layer` for both layers in their order, `aux`, the name, the ID.
fn assert_progress(daemon: &Daemon, query: &str, seed: &str) {
    let image = Image::sample(seed, 2);
    let name = format!("{seed}:1");
    let response = load(daemon, query, &image.docker_archive(&[&name]).finish());
    assert_head(&response);
    let lines = response.lines();
    let text = response.text();
    assert_eq!(
        response.chunks.len(),
        lines.len(),
        "one chunk a line\n{text}"
    );
    let ids: Vec<&str> = lines
        .iter()
        .take_while(|line| line["status"] == "Loading layer")
        .filter_map(|line| line["id"].as_str())
        .collect();
    for line in &lines[..ids.len()] {
        let size = image.layers[0].tar.len();
        assert_eq!(line["progressDetail"]["current"], size, "{line}");
        assert_eq!(line["progressDetail"]["total"], size, "{line}");
    }
    let layers: Vec<String> = image
        .layers
        .iter()
        .map(|layer| layer.hex()[..12].to_owned())
        .collect();
    let mut distinct = ids.clone();
    distinct.dedup();
    assert_eq!(distinct, layers, "{text}");
    let rest: Vec<&str> = text.split_terminator("\r\n").skip(ids.len()).collect();
    let expected = [
        format!(
            r#"{{"aux":{{"ID":"{}","RepoTags":["{name}"],"RepoDigests":[]}}}}"#,
            image.id()
        ),
        format!(r#"{{"stream":"Loaded image: {name}\n"}}"#),
        format!(r#"{{"stream":"Loaded image ID: {}\n"}}"#, image.id()),
    ];
    let parsed: Vec<serde_json::Value> = expected
        .iter()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[ids.len()..], parsed, "{text}");
    assert_eq!(rest[1..], expected[1..], "{text}");
}

fn docker_result(backend: Backend) {
    let daemon = Launch::new(SOCKERLESS, backend)
        .argument("--load-result")
        .argument("docker")
        .start();
    let named = Image::sample("docker result", 1);
    let response = load(
        &daemon,
        "?quiet=1",
        &named.docker_archive(&["result:1"]).finish(),
    );
    let line = r#"{"stream":"Loaded image: result:1\n"}"#.to_owned();
    assert_eq!(raw(&response), chunked(&[line]));
    let nameless = Image::sample("docker result without a name", 1);
    let response = load(&daemon, "?quiet=1", &nameless.docker_archive(&[]).finish());
    let line = format!(r#"{{"stream":"Loaded image ID: {}\n"}}"#, nameless.id());
    assert_eq!(raw(&response), chunked(&[line]));
}

/// Every line is ASCII: a client may decode chunk by chunk.
fn escaping(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("ünïcode", 1);
    let response = daemon.load(&image.docker_archive(&["plain:1"]).finish());
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(response.raw_body.is_ascii(), "{}", response.text());
}

/// An error has a length and a line feed, and is not chunked.
fn errors_are_whole(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for query in ["", "?quiet=0", "?quiet=1"] {
        let response = load(&daemon, query, b"no archive");
        assert_eq!(response.status, 500);
        assert_eq!(response.header("Content-Type"), Some("application/json"));
        assert_eq!(response.header("Transfer-Encoding"), None);
        let length = response.body.len().to_string();
        assert_eq!(response.header("Content-Length"), Some(length.as_str()));
        assert!(!response.message().is_empty());
        assert!(response.text().ends_with("}\n"), "{:?}", response.text());
    }
}
