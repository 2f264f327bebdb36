//! Rename, remove, prune; and the image that a container protects.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::Image;

use super::{create, create_of, delete, get, inspect, loaded, names, refusal};
use crate::SOCKERLESS;
use crate::outcome::{Faults, same};

on_both_backends!(
    renaming,
    removing,
    pruning,
    what_holds_an_image,
    an_image_removed_by_force,
    nothing_runs,
    what_cannot_start_goes_when_it_is_to_go,
    nothing_else_is_here,
);

fn renaming(backend: Backend) {
    let (daemon, _) = loaded(backend);
    let one = create_of(&daemon, "p/one:1", "one");
    let two = create_of(&daemon, "p/one:1", "two");
    let taken = format!(
        "Error when allocating new name: Conflict. The container name \"/two\" is already in use \
         by container \"{two}\". You have to remove (or rename) that container to be able to reuse \
         that name."
    );
    let same_name = "Renaming a container with the same name as its current name";
    let mut faults = Faults::default();
    for (word, name, status, message) in [
        ("one", "two", 409, taken.as_str()),
        ("one", "", 400, "Neither old nor new names may be empty"),
        ("one", "one", 400, same_name),
        ("one", "/one", 400, same_name),
        (
            "one",
            "a b",
            400,
            "Error when allocating new name: Invalid container name (/a b), only \
             [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        ),
        ("nosuch", "three", 404, "No such container: nosuch"),
    ] {
        let response = daemon.post(&format!("/containers/{word}/rename?name={}", escaped(name)));
        let case = format!("{word} {name}");
        faults.note(
            &case,
            same("answer", refusal(&response), (status, message.to_owned())),
        );
    }
    faults.finish();
    let response = daemon.post(&format!("/containers/{}/rename?name=/three", &one[..12]));
    assert_eq!((response.status, response.text()), (204, String::new()));
    assert_eq!(inspect(&daemon, "three")["Id"], one);
    assert_eq!(daemon.get("/containers/one/json").status, 404);
    create_of(&daemon, "p/one:1", "one");
}

fn removing(backend: Backend) {
    let (daemon, _) = loaded(backend);
    for name in ["one", "two", "three"] {
        create_of(&daemon, "p/one:1", name);
    }
    for target in ["/containers/one", "/v1.24/containers/two?force=1&v=1"] {
        let response = delete(&daemon, target);
        assert_eq!((response.status, response.text()), (204, String::new()));
    }
    for target in ["/containers/one", "/containers/one?force=1"] {
        let missing = (404, "No such container: one".to_owned());
        assert_eq!(refusal(&delete(&daemon, target)), missing);
    }
    assert_eq!(delete(&daemon, "/containers/three?link=1").status, 501);
    assert_eq!(names(&daemon, "all=1"), ["three"]);
    create_of(&daemon, "p/one:1", "one");
}

fn pruning(backend: Backend) {
    let (daemon, _) = loaded(backend);
    let prune = |filters: Value| {
        let response = daemon.post(&format!(
            "/containers/prune?filters={}",
            escaped(&filters.to_string())
        ));
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    };
    let nothing = json!({ "ContainersDeleted": null, "SpaceReclaimed": 0 });
    assert_eq!(prune(json!({})), nothing);
    let labelled = create(
        &daemon,
        "labelled",
        &json!({ "Image": "p/one:1", "Labels": { "keep": "no" } }),
    );
    let plain = create_of(&daemon, "p/one:1", "plain");
    assert_eq!(prune(json!({ "until": ["2020-01-01"] })), nothing);
    assert_eq!(prune(json!({ "label": ["keep=yes"] })), nothing);
    let pruned = prune(json!({ "label!": ["keep"] }));
    assert_eq!(
        pruned,
        json!({ "ContainersDeleted": [plain], "SpaceReclaimed": 0 })
    );
    assert_eq!(names(&daemon, "all=1"), ["labelled"]);
    for (filters, message) in [
        (json!({ "bogus": ["1"] }), "invalid filter 'bogus'"),
        (
            json!({ "until": ["x"] }),
            "failed to parse value as time or duration: \"x\"",
        ),
    ] {
        let filters = escaped(&filters.to_string());
        let response = daemon.post(&format!("/containers/prune?filters={filters}"));
        assert_eq!(refusal(&response), (400, message.to_owned()));
    }
    assert_eq!(
        daemon.post("/containers/prune").json()["ContainersDeleted"],
        json!([labelled])
    );
    assert_eq!(get(&daemon, "/info")["Containers"], 0);
}

fn what_holds_an_image(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let id = create_of(&daemon, "p/one:1", "one");
    let (short, hex) = (&id[..12], image.hex());
    for (target, words) in [
        (
            "/images/p/one:1".to_owned(),
            format!(
                "conflict: unable to remove repository reference \"p/one:1\" (must force) - \
                 container {short} is using its referenced image {}",
                &hex[..12]
            ),
        ),
        (
            format!("/images/{hex}"),
            format!(
                "conflict: unable to delete {} (must be forced) - image is being used by stopped \
                 container {short}",
                &hex[..12]
            ),
        ),
    ] {
        assert_eq!(refusal(&delete(&daemon, &target)), (409, words), "{target}");
    }
    // Another name may be removed: the image stays.
    assert_eq!(
        daemon.post("/images/p/one:1/tag?repo=other&tag=1").status,
        201
    );
    assert_eq!(delete(&daemon, "/images/other:1").status, 200);
    let pruned = daemon.post(&format!(
        "/images/prune?filters={}",
        escaped(r#"{"dangling":["false"]}"#)
    ));
    assert_eq!(pruned.json()["ImagesDeleted"], Value::Null);
    assert_eq!(inspect(&daemon, "one")["Image"], image.id());
    assert_eq!(delete(&daemon, "/containers/one").status, 204);
    assert_eq!(delete(&daemon, "/images/p/one:1").status, 200);
    assert_eq!(daemon.get("/images/p/one:1/json").status, 404);
}

/// The container stays, and shows its image by the ID.
fn an_image_removed_by_force(backend: Backend) {
    let (daemon, image) = loaded(backend);
    create_of(&daemon, "p/one:1", "one");
    assert_eq!(delete(&daemon, "/images/p/one:1?force=1").status, 200);
    assert_eq!(daemon.get("/images/p/one:1/json").status, 404);
    let row = &get(&daemon, "/containers/json?all=1&size=1")[0];
    assert_eq!(
        (&row["Image"], &row["ImageID"]),
        (&json!(image.id()), &json!(image.id()))
    );
    assert_eq!(row["SizeRootFs"], 0);
    assert_eq!(inspect(&daemon, "one")["Config"]["Image"], "p/one:1");
    assert_eq!(delete(&daemon, "/containers/one").status, 204);
}

/// `docker run --rm` leaves nothing behind.
fn what_cannot_start_goes_when_it_is_to_go(backend: Backend) {
    let (daemon, _) = loaded(backend);
    for path in ["start", "attach?stream=1"] {
        let body = serde_json::json!({"Image": "p/one:1", "HostConfig": {"AutoRemove": true}});
        let create = Request::post("/containers/create?name=gone")
            .header("Content-Type", "application/json")
            .body(body.to_string());
        assert_eq!(daemon.request(&create).status, 201);
        let started = daemon.post(&format!("/containers/gone/{path}"));
        assert_eq!(started.status, 501, "{}", started.text());
        assert_eq!(daemon.get("/containers/gone/json").status, 404);
    }
}

fn nothing_runs(backend: Backend) {
    let (daemon, _) = loaded(backend);
    create_of(&daemon, "p/one:1", "one");
    let mut faults = Faults::default();
    for (method, path) in [
        ("POST", "/containers/one/start"),
        ("POST", "/containers/one/stop"),
        ("POST", "/containers/one/kill"),
        ("POST", "/containers/one/wait"),
        ("POST", "/containers/one/exec"),
        ("POST", "/containers/one/attach"),
        ("GET", "/containers/one/logs?stdout=1"),
        ("GET", "/containers/one/top"),
        ("POST", "/exec/abc/start"),
    ] {
        let response = daemon.request(&Request::new(method, path));
        let (status, said) = refusal(&response);
        let begins = said.starts_with("no execution backend is configured");
        faults.note(path, same("answer", (status, begins), (501, true)));
    }
    faults.finish();
    assert_eq!(inspect(&daemon, "one")["State"]["Status"], "created");
}

fn nothing_else_is_here(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for (method, path, expected) in [
        (
            "GET",
            "/volumes",
            json!({ "Volumes": [], "Warnings": null }),
        ),
        ("GET", "/networks", json!([])),
        ("GET", "/plugins", json!([])),
        (
            "POST",
            "/volumes/prune",
            json!({ "VolumesDeleted": [], "SpaceReclaimed": 0 }),
        ),
        (
            "POST",
            "/networks/prune",
            json!({ "NetworksDeleted": null }),
        ),
        (
            "POST",
            "/build/prune",
            json!({ "CachesDeleted": null, "SpaceReclaimed": 0 }),
        ),
    ] {
        let response = daemon.request(&Request::new(method, path));
        assert_eq!(
            (response.status, response.json()),
            (200, expected),
            "{path}"
        );
    }
}

#[test]
fn survives_a_restart_and_a_crash() {
    let (daemon, image) = loaded(Backend::Sqlite);
    create(
        &daemon,
        "one",
        &json!({
            "Image": "p/one:1", "Env": ["A=b"], "StopTimeout": 7,
            "HostConfig": { "Binds": ["/a:/b"] },
        }),
    );
    create_of(&daemon, "p/one:1", "two");
    let seen = |daemon: &Daemon| {
        (
            inspect(daemon, "one"),
            inspect(daemon, "two"),
            get(daemon, "/containers/json?all=1"),
        )
    };
    let before = seen(&daemon);
    assert_eq!(before.0["Image"], image.id());
    let daemon = daemon.restart();
    assert_eq!(seen(&daemon), before);
    let daemon = daemon.crash_and_restart();
    assert_eq!(seen(&daemon), before);
    assert_eq!(delete(&daemon, "/images/p/one:1").status, 409);
}

#[test]
fn memory_forgets() {
    let (daemon, _) = loaded(Backend::Memory);
    create_of(&daemon, "p/one:1", "one");
    let daemon = daemon.restart();
    assert_eq!(get(&daemon, "/containers/json?all=1"), json!([]));
    let image = Image::sample("containers", 1);
    super::load(&daemon, &image, &["p/one:1"]);
    create_of(&daemon, "p/one:1", "one");
}
