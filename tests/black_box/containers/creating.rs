//! `POST /containers/create` and `GET /containers/{id}/json`.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::escaped;
use sockerless_testkit::image::Image;

use super::{create, create_of, get, inspect, load, loaded, post, refusal};
use crate::SOCKERLESS;
use crate::fixtures;

on_both_backends!(
    by_every_name_of_the_image,
    merged_with_the_image,
    as_little_as_possible,
    shown_by_version,
    host_config_and_networks,
    made_up_names,
    for_a_platform,
);

fn by_every_name_of_the_image(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let (id, hex) = (image.id(), image.hex());
    for name in [
        "p/one:1",
        "docker.io/p/one:1",
        &id,
        &hex,
        &hex[..12],
        &format!("sha256:{}", &hex[..10]),
    ] {
        let container = inspect(&daemon, &create_of(&daemon, name, ""));
        assert_eq!(container["Image"], id, "{name}");
        assert_eq!(container["Config"]["Image"], name);
    }
}

/// The settings of the client and of the image, merged as in Docker.
fn merged_with_the_image(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("merged", 1).reconfigured(|config| {
        config["config"] = json!({
            "Env": ["A=1", "B=2"], "Cmd": ["c1", "c2"], "Entrypoint": ["/e"],
            "Labels": { "l1": "v1", "l2": "v2" }, "ExposedPorts": { "80/tcp": {} },
            "Volumes": { "/v": {} }, "User": "u", "WorkingDir": "/w", "StopSignal": "SIGINT",
            "Healthcheck": { "Test": ["CMD-SHELL", "true"], "Interval": 5_000_000_000_u64 },
        });
    });
    load(&daemon, &image, &["p/one:1"]);
    let id = create(
        &daemon,
        "/merged",
        &json!({
            "Image": "p/one:1", "Env": ["A=9", "C=3", "B"], "Cmd": ["z"],
            "Labels": { "l2": "new", "l3": "x" }, "ExposedPorts": { "81/tcp": {} },
            "Volumes": { "/q": {} }, "WorkingDir": "/t", "User": "",
            "Healthcheck": { "Test": ["NONE"] }, "Hostname": "hh", "AttachStdout": true,
            "Tty": true, "StopTimeout": 7,
        }),
    );
    let container = inspect(&daemon, "merged");
    assert_eq!(container["Id"], id);
    assert_eq!(
        (&container["Path"], &container["Args"]),
        (&json!("/e"), &json!(["z"]))
    );
    let config = &container["Config"];
    for (key, expected) in [
        ("Env", json!(["A=9", "C=3", "B"])),
        ("Cmd", json!(["z"])),
        ("Entrypoint", json!(["/e"])),
        ("Labels", json!({ "l1": "v1", "l2": "new", "l3": "x" })),
        ("ExposedPorts", json!({ "80/tcp": {}, "81/tcp": {} })),
        ("Volumes", json!({ "/q": {}, "/v": {} })),
        ("WorkingDir", json!("/t")),
        ("User", json!("u")),
        ("StopSignal", json!("SIGINT")),
        (
            "Healthcheck",
            json!({ "Test": ["NONE"], "Interval": 5_000_000_000_u64 }),
        ),
        ("Hostname", json!("hh")),
        ("AttachStdout", json!(true)),
        ("AttachStdin", json!(false)),
        ("Tty", json!(true)),
        ("StopTimeout", json!(7)),
    ] {
        assert_eq!(config[key], expected, "{key}");
    }
    // An entrypoint resets the image's command.
    for (name, body, path, args) in [
        (
            "entrypoint",
            json!({ "Entrypoint": ["/other"] }),
            "/other",
            json!([]),
        ),
        (
            "none",
            json!({ "Entrypoint": [], "Cmd": [] }),
            "c1",
            json!(["c2"]),
        ),
        (
            "text",
            json!({ "Entrypoint": "", "Cmd": "sh" }),
            "sh",
            json!([]),
        ),
    ] {
        let mut body = body;
        body["image"] = json!("p/one:1");
        create(&daemon, name, &body);
        let container = inspect(&daemon, name);
        assert_eq!(
            (&container["Path"], &container["Args"]),
            (&json!(path), &args),
            "{name}"
        );
    }
}

fn as_little_as_possible(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let id = create_of(&daemon, "p/one:1", "web");
    let container = inspect(&daemon, &id[..10]);
    for (path, expected) in [
        ("/Id", json!(id)),
        ("/Name", json!("/web")),
        ("/Image", json!(image.id())),
        ("/Path", json!("/entry")),
        ("/Args", json!(["run", "--seed", "containers"])),
        ("/State/Status", json!("created")),
        ("/State/Running", json!(false)),
        ("/State/Pid", json!(0)),
        ("/State/ExitCode", json!(0)),
        ("/State/StartedAt", json!("0001-01-01T00:00:00Z")),
        ("/RestartCount", json!(0)),
        ("/Platform", json!("linux")),
        ("/Mounts", json!([])),
        ("/Config/Hostname", json!(id[..12])),
        ("/Config/Env", json!(["PATH=/bin", "SEED=containers"])),
        ("/Config/User", json!("1000")),
        ("/HostConfig/NetworkMode", json!("default")),
        ("/HostConfig/RestartPolicy/Name", json!("no")),
        ("/HostConfig/Binds", Value::Null),
        ("/NetworkSettings/Networks/bridge/IPAddress", json!("")),
        (
            "/ImageManifestDescriptor/platform/architecture",
            json!("amd64"),
        ),
        ("/Sockerless/PullReference", Value::Null),
    ] {
        assert_eq!(container.pointer(path), Some(&expected), "{path}");
    }
    let created = container["Created"].as_str().expect("a time");
    assert!(created > "2020" && created.ends_with('Z'), "{created}");
    let manifest = get(&daemon, "/v1.48/images/p/one:1/json?manifests=1");
    assert_eq!(
        container["ImageManifestDescriptor"]["digest"],
        manifest["Manifests"][0]["ID"]
    );
    for name in ["web", &id, &id[..4]] {
        assert_eq!(inspect(&daemon, name)["Id"], id, "{name}");
    }
    let missing = daemon.get("/containers/nosuch/json");
    assert_eq!(
        refusal(&missing),
        (404, "No such container: nosuch".to_owned())
    );
    let sized = get(&daemon, "/containers/web/json?size=1");
    let size = get(&daemon, "/images/p/one:1/json")["Size"].clone();
    assert_eq!((&sized["SizeRw"], &sized["SizeRootFs"]), (&json!(0), &size));
    assert!(container.get("SizeRw").is_none() && container.get("SizeRootFs").is_none());
}

fn shown_by_version(backend: Backend) {
    let (daemon, _) = loaded(backend);
    create_of(&daemon, "p/one:1", "web");
    let at = |version: &str| get(&daemon, &format!("/v{version}/containers/web/json"));
    for (path, shown_in, hidden_in) in [
        ("/ImageManifestDescriptor", "1.48", "1.47"),
        ("/GraphDriver", "1.51", "1.52"),
        ("/NetworkSettings/IPAddress", "1.51", "1.52"),
    ] {
        assert!(at(shown_in).pointer(path).is_some(), "{path}");
        assert!(at(hidden_in).pointer(path).is_none(), "{path}");
    }
    let row =
        |version: &str| get(&daemon, &format!("/v{version}/containers/json?all=1"))[0].clone();
    for (key, shown_in, hidden_in) in [
        ("ImageManifestDescriptor", "1.48", "1.47"),
        ("Health", "1.52", "1.51"),
    ] {
        assert!(row(shown_in).get(key).is_some(), "{key}");
        assert!(row(hidden_in).get(key).is_none(), "{key}");
    }
}

/// They are kept and shown, and have no effect.
fn host_config_and_networks(backend: Backend) {
    let (daemon, _) = loaded(backend);
    create(
        &daemon,
        "web",
        &json!({
            "Image": "p/one:1",
            "HostConfig": {
                "Binds": ["/tmp:/a"], "networkmode": "mine", "AutoRemove": true, "Memory": 6_291_456,
                "PortBindings": { "80/tcp": [{ "HostPort": "8080" }] }, "Init": true, "CapAdd": null,
            },
            "NetworkingConfig": { "EndpointsConfig": { "mine": { "Aliases": ["n"] } } },
        }),
    );
    let container = inspect(&daemon, "web");
    for (path, expected) in [
        ("/HostConfig/Binds", json!(["/tmp:/a"])),
        ("/HostConfig/NetworkMode", json!("mine")),
        ("/HostConfig/AutoRemove", json!(true)),
        ("/HostConfig/Memory", json!(6_291_456)),
        ("/HostConfig/PortBindings/80~1tcp/0/HostPort", json!("8080")),
        ("/HostConfig/Init", json!(true)),
        ("/HostConfig/CapAdd", Value::Null),
        ("/HostConfig/Privileged", json!(false)),
        ("/NetworkSettings/Networks/mine/Aliases", json!(["n"])),
        ("/NetworkSettings/Networks/mine/NetworkID", json!("")),
        ("/NetworkSettings/Ports", json!({})),
    ] {
        assert_eq!(container.pointer(path), Some(&expected), "{path}");
    }
    assert_eq!(container.pointer("/NetworkSettings/Networks/bridge"), None);
    let row = &get(&daemon, "/containers/json?all=1")[0];
    assert_eq!(row["HostConfig"]["NetworkMode"], "mine");
    assert_eq!(
        row["NetworkSettings"]["Networks"]["mine"]["Aliases"],
        json!(["n"])
    );
    assert_eq!(row["Ports"], json!([]));
}

fn made_up_names(backend: Backend) {
    let (daemon, _) = loaded(backend);
    let mut names: Vec<String> = (0..10)
        .map(|_| {
            let id = create_of(&daemon, "p/one:1", "");
            inspect(&daemon, &id)["Name"]
                .as_str()
                .expect("a name")
                .to_owned()
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 10, "{names:?}");
    for name in names {
        let words: Vec<&str> = name
            .strip_prefix('/')
            .expect("a slash")
            .split('_')
            .collect();
        let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(
            words.len() >= 2 && words.iter().take(2).all(is_word),
            "{name}"
        );
    }
}

fn for_a_platform(backend: Backend) {
    const AMD: &str = "sha256:82c41f71b19473d8095b5f2f9e36428eaa61ad9f737e689d244353faad375a9c";
    const ARM: &str = "sha256:595b19eef05d8907c1062dabce34885a82feac46f50fddb3dfaa6ab3032f3853";
    const ARM_MANIFEST: &str =
        "sha256:28be747d9810d9f476f03e69ba8956bb9257e91973006ac1e90c050f3efe59d3";
    let daemon = Daemon::start(SOCKERLESS, backend);
    let archive = fixtures::read("podman-4.3-multi-platform-oci-archive.tar");
    assert_eq!(daemon.load(&archive).status, 200);
    let body = json!({ "Image": "fixture/multi:1", "Cmd": ["run"] });
    for (version, query, image) in [
        ("1.55", "", AMD),
        ("1.55", "platform=linux/amd64", AMD),
        ("1.41", "platform=linux/arm64", ARM),
        ("1.41", "platform=linux%2Faarch64", ARM),
        ("1.40", "platform=linux/arm64", AMD),
        ("1.40", "platform=non/sense/at/all", AMD),
    ] {
        let response = post(
            &daemon,
            &format!("/v{version}/containers/create?{query}"),
            &body,
        );
        assert_eq!(response.status, 201, "{query}: {}", response.text());
        let id = response.json()["Id"].as_str().expect("an ID").to_owned();
        let container = inspect(&daemon, &id);
        assert_eq!(container["Image"], image, "{version} {query}");
        if image == ARM {
            let manifest = &container["ImageManifestDescriptor"];
            assert_eq!(manifest["digest"], ARM_MANIFEST);
            assert_eq!(manifest["platform"]["architecture"], "arm64");
        }
        // Its image is shown with the same name, on every platform.
        let row = get(
            &daemon,
            &format!(
                "/containers/json?all=1&filters={}",
                escaped(&json!({"id": [id]}).to_string())
            ),
        );
        assert_eq!(
            (&row[0]["Image"], &row[0]["ImageID"]),
            (&json!("fixture/multi:1"), &json!(image))
        );
    }
    let response = post(&daemon, "/containers/create?platform=linux/s390x", &body);
    let (status, message) = refusal(&response);
    assert_eq!(status, 404);
    assert!(
        message.starts_with("image with reference fixture/multi:1 was found but its platform")
            && message.ends_with("does not match the specified platform (linux/s390x)"),
        "{message}"
    );
    let response = post(
        &daemon,
        "/containers/create?platform=non/sense/at/all",
        &body,
    );
    assert_eq!(response.status, 400);
}
