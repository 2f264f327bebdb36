//! `POST /containers/create`.

use serde_json::{Value, json};

use crate::pair::Pair;
use crate::scenarios::stock;

fn image(pair: &mut Pair) {
    let image = stock::image("whole", 1, 0).reconfigured(|config| {
        config["config"] = json!({
            "User": "1000:1000", "Env": ["PATH=/bin", "A=image", "B=image"],
            "Entrypoint": ["/entry", "-x"], "Cmd": ["run", "it"], "WorkingDir": "/work",
            "Labels": {"a": "image", "b": "image"}, "ExposedPorts": {"80/tcp": {}},
            "Volumes": {"/data": {}}, "StopSignal": "SIGINT", "OnBuild": ["RUN x"],
            "Healthcheck": {"Test": ["CMD", "check"], "Interval": 5_000_000_000_u64, "Retries": 2},
            "Shell": ["/bin/bash", "-c"],
        });
    });
    pair.load_image(&image, &["whole:1"]);
    let bare = stock::image("bare", 1, 5)
        .reconfigured(|config| config["config"] = json!({"Cmd": ["only"]}));
    pair.load_image(&bare, &["bare:1"]);
    let none = stock::image("none", 1, 9).reconfigured(|config| config["config"] = json!({}));
    pair.load_image(&none, &["none:1"]);
}

pub(crate) fn merging(pair: &mut Pair) {
    image(pair);
    let bodies: [(&'static str, Value); 22] = [
        ("plain", json!({"Image": "whole:1"})),
        ("bare", json!({"Image": "bare:1"})),
        ("cmd", json!({"Image": "whole:1", "Cmd": ["other"]})),
        (
            "cmdstring",
            json!({"Image": "whole:1", "Cmd": "one string"}),
        ),
        ("nocmd", json!({"Image": "whole:1", "Cmd": []})),
        (
            "nullcmd",
            json!({"Image": "whole:1", "Cmd": null, "Entrypoint": null}),
        ),
        ("entry", json!({"Image": "whole:1", "Entrypoint": ["sh"]})),
        ("noentry", json!({"Image": "whole:1", "Entrypoint": []})),
        (
            "emptyentry",
            json!({"Image": "whole:1", "Entrypoint": [""]}),
        ),
        (
            "both",
            json!({"Image": "whole:1", "Entrypoint": ["sh"], "Cmd": ["-c", "x"]}),
        ),
        (
            "env",
            json!({"Image": "whole:1", "Env": ["A=own", "C=own", "D"]}),
        ),
        (
            "labels",
            json!({"Image": "whole:1", "Labels": {"a": "own", "c": "own"}}),
        ),
        (
            "ports",
            json!({"Image": "whole:1", "ExposedPorts": {"90/udp": {}, "80/tcp": {}}}),
        ),
        (
            "volumes",
            json!({"Image": "whole:1", "Volumes": {"/other": {}}}),
        ),
        (
            "user",
            json!({"Image": "whole:1", "User": "0", "WorkingDir": "/own", "Tty": true}),
        ),
        (
            "host",
            json!({"Image": "whole:1", "Hostname": "h", "Domainname": "example.org"}),
        ),
        (
            "health",
            json!({"Image": "whole:1", "Healthcheck": {"Test": ["NONE"]}}),
        ),
        (
            "healthpart",
            json!({"Image": "whole:1", "Healthcheck": {"Interval": 7_000_000_000_u64}}),
        ),
        (
            "stop",
            json!({"Image": "whole:1", "StopSignal": "SIGTERM", "StopTimeout": 3}),
        ),
        (
            "open",
            json!({"Image": "whole:1", "OpenStdin": true, "StdinOnce": true, "AttachStdin": true}),
        ),
        (
            "hostconfig",
            json!({"Image": "whole:1", "HostConfig": {
                "Binds": ["/tmp:/x:ro"], "Memory": 67_108_864, "AutoRemove": true, "Privileged": true,
                "NetworkMode": "none", "RestartPolicy": {"Name": "no"},
            }}),
        ),
        (
            "more",
            json!({"Image": "whole:1", "Unknown": 1, "MacAddress": "00:00:00:00:00:01"}),
        ),
    ];
    for (name, body) in bodies {
        pair.naming(name, "/Id");
        pair.post_json(&format!("/containers/create?name={name}"), &body);
        pair.get(&format!("/containers/{name}/json"));
    }
    pair.get("/containers/json?all=1");
}

pub(crate) fn errors(pair: &mut Pair) {
    image(pair);
    let create = |pair: &mut Pair, query: &str, body: &Value| {
        pair.post_json(&format!("/containers/create{query}"), body);
    };
    let whole = json!({"Image": "whole:1"});
    for image in [
        "nosuch",
        "nosuch:1",
        "whole",
        "FOO",
        "",
        "foo:",
        "docker.io/team/nosuch",
        "sha256:0123456789012345678901234567890123456789012345678901234567890123",
        "0123456789012345678901234567890123456789012345678901234567890123",
    ] {
        create(pair, "", &json!({"Image": image, "Cmd": ["x"]}));
    }
    create(pair, "", &json!({}));
    create(pair, "", &json!({"Image": "none:1"}));
    create(pair, "", &json!({"Cmd": ["x"]}));
    for name in [
        "-a",
        "a",
        "a%20b",
        "a/b",
        "%2F",
        "%2Fok",
        "_x",
        "x".repeat(300).as_str(),
        "%C3%A4",
    ] {
        pair.naming("named", "/Id");
        create(pair, &format!("?name={name}"), &whole);
    }
    pair.naming("held", "/Id");
    create(pair, "?name=held", &whole);
    create(pair, "?name=held", &whole);
    create(pair, "?name=/held", &whole);
    for platform in [
        "linux/s390x",
        "windows/amd64",
        "bogus/amd64",
        "a/b/c/d",
        "linux/amd64",
    ] {
        pair.naming("platform", "/Id");
        create(pair, &format!("?platform={platform}"), &whole);
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "x",
        "{\"Image\":1}",
        "{\"Image\":\"whole:1\"}x",
        "{\"Image\":\"whole:1\",\"Cmd\":{}}",
    ] {
        pair.naming("bodied", "/Id");
        pair.post_body("/containers/create", "application/json", body.as_bytes());
    }
    let body = whole.to_string();
    for content_type in [
        "text/plain",
        "",
        "application/json; charset=utf-8",
        "application/JSON",
    ] {
        pair.naming("typed", "/Id");
        pair.post_body("/containers/create", content_type, body.as_bytes());
    }
    pair.post("/containers/create");
    for own in [
        json!({"Env": ["=x"]}),
        json!({"Env": [""]}),
        json!({"WorkingDir": "relative"}),
        json!({"Healthcheck": {"Test": ["BOGUS"]}}),
        json!({"Healthcheck": {"Interval": 5}}),
        json!({"StopSignal": "NOSUCH"}),
        json!({"ExposedPorts": {"x/tcp": {}}}),
        json!({"HostConfig": {"Memory": 1}}),
        json!({"HostConfig": {"RestartPolicy": {"Name": "bogus"}}}),
        json!({"HostConfig": {"AutoRemove": true, "RestartPolicy": {"Name": "always"}}}),
    ] {
        let mut body = whole.clone();
        for (key, value) in own.as_object().expect("an object") {
            body[key] = value.clone();
        }
        pair.naming("odd", "/Id");
        create(pair, "", &body);
    }
}
