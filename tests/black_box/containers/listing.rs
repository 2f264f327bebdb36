//! `GET /containers/json`.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::escaped;
use sockerless_testkit::image::Image;

use super::{create, create_of, get, load, loaded, names, refusal};
use crate::outcome::{Faults, same};

on_both_backends!(rows, which, refused, moved_names);

fn rows(backend: Backend) {
    let (daemon, image) = loaded(backend);
    assert_eq!(get(&daemon, "/containers/json?all=1"), json!([]));
    create_of(&daemon, "p/one:1", "old");
    let id = create(
        &daemon,
        "new",
        &json!({ "Image": "p/one:1", "Cmd": ["a b", "c"], "Labels": { "k": "v" } }),
    );
    let rows = get(&daemon, "/v1.47/containers/json?all=1&size=1");
    let row = &rows[0];
    let created = row["Created"].as_i64().expect("seconds");
    assert!(created > 1_577_836_800, "{created}");
    let container = get(&daemon, "/v1.47/containers/new/json");
    let size = get(&daemon, "/images/p/one:1/json")["Size"].clone();
    let expected = json!({
        "Id": id,
        "Names": ["/new"],
        "Image": "p/one:1",
        "ImageID": image.id(),
        "Command": "/entry 'a b' c",
        "Created": created,
        "Ports": [],
        "SizeRootFs": size,
        "Labels": { "k": "v", "org.example.seed": "containers" },
        "State": "created",
        "Status": "Created",
        "HostConfig": { "NetworkMode": "default" },
        "NetworkSettings": { "Networks": container["NetworkSettings"]["Networks"] },
        "Mounts": [],
    });
    assert_eq!(*row, expected);
    assert_eq!(rows[1]["Names"], json!(["/old"]));
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    // None runs.
    assert_eq!(get(&daemon, "/containers/json"), json!([]));
    let info = get(&daemon, "/info");
    for (key, count) in [
        ("Containers", 2),
        ("ContainersStopped", 2),
        ("ContainersRunning", 0),
        ("ContainersPaused", 0),
    ] {
        assert_eq!(info[key], count, "{key}");
    }
}

/// The query for these filters and nothing else.
fn filters(filters: &Value) -> String {
    format!("filters={}", escaped(&filters.to_string()))
}

fn filled(backend: Backend) -> (Daemon, Image) {
    let (daemon, one) = loaded(backend);
    let two = Image::sample("two", 1);
    load(&daemon, &two, &["two:1"]);
    create(
        &daemon,
        "web-1",
        &json!({ "Image": "p/one:1", "Labels": { "k": "a" } }),
    );
    create(
        &daemon,
        "web-2",
        &json!({ "Image": "p/one:1", "Labels": { "k": "b" } }),
    );
    create(
        &daemon,
        "db",
        &json!({ "Image": "two:1", "HostConfig": { "NetworkMode": "none" } }),
    );
    (daemon, one)
}

fn which(backend: Backend) {
    let (daemon, one) = filled(backend);
    let id = get(&daemon, "/containers/db/json")["Id"]
        .as_str()
        .expect("an ID")
        .to_owned();
    let all = ["db", "web-2", "web-1"];
    let mut faults = Faults::default();
    for (query, expected) in [
        ("all=1", &all[..]),
        ("all=true&limit=0", &all[..]),
        ("", &[]),
        ("limit=2", &all[..2]),
        ("limit=9", &all[..]),
        ("limit=-1", &[]),
        ("all=1&before=web-2", &all[2..]),
        ("all=1&since=web-1", &all[..2]),
        ("since=web-1", &[]),
    ] {
        faults.note(
            query,
            same("names", names(&daemon, query), to_vec(expected)),
        );
    }
    for (key, values, expected) in [
        ("ancestor", json!(["p/one:1"]), &all[1..]),
        ("ancestor", json!([one.id()]), &all[1..]),
        ("ancestor", json!([one.hex()[..8]]), &all[1..]),
        ("ancestor", json!(["nosuch", "two:1"]), &all[..1]),
        ("ancestor", json!(["p/one", "UPPER"]), &[]),
        ("name", json!(["web"]), &all[1..]),
        ("name", json!(["^/web-1$"]), &all[2..]),
        (
            "name",
            json!({ "^web-1$": true, "db": true }),
            &["db", "web-1"],
        ),
        ("name", json!(["nosuch"]), &[]),
        ("label", json!(["k"]), &all[1..]),
        ("label", json!(["k=b"]), &all[1..2]),
        (
            "label",
            json!(["k", "org.example.seed=containers"]),
            &all[1..],
        ),
        ("label", json!(["k=a", "k=b"]), &[]),
        ("label!", json!(["k"]), &all[..1]),
        ("id", json!([id[..20]]), &all[..1]),
        ("id", json!([id[1..20]]), &[]),
        ("status", json!(["created"]), &all[..]),
        ("status", json!(["running", "exited"]), &[]),
        ("health", json!(["none"]), &all[..]),
        ("health", json!(["healthy"]), &[]),
        ("exited", json!(["0"]), &[]),
        ("network", json!(["bridge"]), &all[1..]),
        ("network", json!(["none", "nosuch"]), &all[..1]),
        ("volume", json!(["/v"]), &[]),
        ("publish", json!(["80/tcp"]), &[]),
        ("expose", json!(["80-90"]), &[]),
        ("is-task", json!(["false"]), &all[..]),
        ("is-task", json!(["true"]), &[]),
        ("isolation", json!(["default"]), &all[..]),
        ("before", json!(["db"]), &all[1..]),
        ("since", json!([id[..20]]), &[]),
    ] {
        let wanted = json!({ key: values });
        let query = format!("all=1&{}", filters(&wanted));
        let case = wanted.to_string();
        faults.note(
            &case,
            same("names", names(&daemon, &query), to_vec(expected)),
        );
    }
    // A filter of a status replaces the default of running containers.
    let created = filters(&json!({ "status": ["created"], "name": ["db"] }));
    faults.note(
        "status",
        same("names", names(&daemon, &created), to_vec(&["db"])),
    );
    faults.finish();
}

fn to_vec(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn refused(backend: Backend) {
    let (daemon, _) = filled(backend);
    let mut faults = Faults::default();
    for (query, status, message) in [
        ("limit=x".to_owned(), 400, "the limit \"x\" is no number"),
        ("filters=x".to_owned(), 400, "invalid filter"),
        (
            filters(&json!({ "bogus": ["x"] })),
            400,
            "invalid filter 'bogus'",
        ),
        (
            filters(&json!({ "status": ["bogus"] })),
            400,
            "invalid filter 'status=bogus'",
        ),
        (
            filters(&json!({ "exited": ["x"] })),
            400,
            "invalid filter 'exited=x'",
        ),
        (
            filters(&json!({ "publish": ["x"] })),
            400,
            "invalid filter 'publish=x'",
        ),
        (
            filters(&json!({ "before": ["nosuch"] })),
            404,
            "No such container: nosuch",
        ),
        ("since=nosuch".to_owned(), 404, "No such container: nosuch"),
    ] {
        let response = daemon.get(&format!("/containers/json?{query}"));
        let answer = (status, message.to_owned());
        faults.note(&query, same("answer", refusal(&response), answer));
    }
    faults.finish();
    let query = filters(&json!({ "name": ["("] }));
    let (status, message) = refusal(&daemon.get(&format!("/containers/json?{query}")));
    assert_eq!(status, 400);
    assert!(message.starts_with("invalid filter 'name': "), "{message}");
}

/// A row shows the name that the client gave, as long as it means the same image.
fn moved_names(backend: Backend) {
    let (daemon, image) = loaded(backend);
    create_of(&daemon, "p/one:1", "by-name");
    create_of(&daemon, &image.hex()[..12], "by-id");
    let shown = |name: &str| {
        let query = filters(&json!({ "name": [name] }));
        let rows = get(&daemon, &format!("/containers/json?all=1&{query}"));
        (rows[0]["Image"].clone(), rows[0]["ImageID"].clone())
    };
    let id = json!(image.id());
    assert_eq!(shown("by-name"), (json!("p/one:1"), id.clone()));
    load(&daemon, &Image::sample("newer", 1), &["p/one:1"]);
    assert_eq!(shown("by-name"), (id.clone(), id.clone()));
    assert_eq!(shown("by-id"), (json!(image.hex()[..12]), id));
    let container = get(&daemon, "/containers/by-name/json");
    assert_eq!(container["Config"]["Image"], "p/one:1");
}
