//! Containers: created, listed, inspected, removed.

use serde_json::{Value, json};

use crate::client::Client;
use crate::images::{HELPER, MULTI};

const MAC: &str = "02:42:ac:11:00:02";
const SECOND: u64 = 1_000_000_000;

pub(crate) fn create(client: &mut Client) {
    let kind = "container created";
    let path = "/containers/create";
    client.post(
        kind,
        &format!("{path}?name=least"),
        &json!({ "Image": HELPER }),
    );
    client.post(kind, &format!("{path}?name=most"), &most());
    client.post(
        kind,
        &format!("{path}?name=armed&platform=linux%2Farm64"),
        &json!({ "Image": MULTI, "Cmd": ["sh"] }),
    );
    client.post(kind, path, &json!({ "Image": MULTI, "Cmd": ["sh"] }));
    client.refused(404, "POST", path, Some(&json!({ "Image": "nosuch" })));
    client.refused(400, "POST", path, Some(&json!({ "Image": "Upper" })));
    let taken = format!("{path}?name=least");
    client.refused(409, "POST", &taken, Some(&json!({ "Image": HELPER })));
}

/// A body with everything that is kept and shown.
fn most() -> Value {
    json!({
        "Image": HELPER, "Hostname": "h", "Domainname": "d", "User": "u", "AttachStdout": true,
        "Tty": true, "OpenStdin": true, "StdinOnce": true, "Env": ["A=1"], "Cmd": ["a", "b c"],
        "Entrypoint": ["/e"], "WorkingDir": "/w", "Labels": { "l": "1" }, "StopSignal": "SIGINT",
        "StopTimeout": 7, "ExposedPorts": { "80/tcp": {} }, "Volumes": { "/v": {} },
        "Shell": ["/bin/sh", "-c"], "OnBuild": ["RUN x"], "MacAddress": MAC, "NetworkDisabled": true,
        "Healthcheck": {
            "Test": ["CMD", "true"], "Interval": SECOND, "Timeout": SECOND, "StartPeriod": SECOND,
            "StartInterval": SECOND, "Retries": 2,
        },
        "HostConfig": host_config(),
        "NetworkingConfig": { "EndpointsConfig": { "mine": {
            "Aliases": ["n"], "Links": ["a:b"], "MacAddress": MAC, "DriverOpts": { "o": "1" },
            "IPAMConfig": { "IPv4Address": "172.20.30.33" },
        } } },
    })
}

fn host_config() -> Value {
    json!({
        "Binds": ["/tmp:/a"], "NetworkMode": "mine", "AutoRemove": true, "Memory": 6_291_456,
        "CpuShares": 5, "NanoCpus": 1_000_000_000, "PidsLimit": 10, "Privileged": true,
        "PortBindings": { "80/tcp": [{ "HostIp": "", "HostPort": "8080" }] }, "Init": true,
        "CapAdd": ["NET_ADMIN"], "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 3 },
        "LogConfig": { "Type": "json-file", "Config": { "max-size": "1m" } },
        "Mounts": [{ "Type": "volume", "Source": "v", "Target": "/m", "ReadOnly": true }],
        "Ulimits": [{ "Name": "nofile", "Soft": 1, "Hard": 2 }], "Tmpfs": { "/t": "size=1m" },
        "ExtraHosts": ["a:127.0.0.1"], "Sysctls": { "net.ipv4.ip_forward": "1" },
        "Annotations": { "a": "1" },
    })
}

pub(crate) fn read(client: &mut Client) {
    for query in ["?all=1", "?all=1&size=1", "?all=1&limit=1", ""] {
        client.get("containers", &format!("/containers/json{query}"));
    }
    for name in ["least", "most", "armed"] {
        client.get("container", &format!("/containers/{name}/json"));
        client.get("container", &format!("/containers/{name}/json?size=1"));
    }
    client.refused(404, "GET", "/containers/nosuch/json", None);
    client.refused(400, "GET", "/containers/json?filters=x", None);
    client.refused(501, "POST", "/containers/least/start", None);
}

pub(crate) fn remove(client: &mut Client) {
    client.without_answer("POST", "/containers/armed/rename?name=renamed");
    client.without_answer("DELETE", "/containers/renamed");
    client.refused(404, "DELETE", "/containers/renamed", None);
    let none = sockerless_testkit::http::escaped(r#"{"label":["nosuch"]}"#);
    client.post(
        "containers pruned",
        &format!("/containers/prune?filters={none}"),
        &json!({}),
    );
}
