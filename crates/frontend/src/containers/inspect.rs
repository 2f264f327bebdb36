//! `GET /containers/{name}/json`: the description of one container.

use hyper::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sockerless_containers::ContainerRow;
use sockerless_images::{Digest, Reference};

use super::config::Config;
use super::host_config::host_config;
use super::list::image_size;
use super::network;
use super::row::manifest_descriptor;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;
use crate::version::ApiVersion;

/// How Docker writes an absent time.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// `GET /containers/{name}/json`: everything about one container.
pub(crate) async fn inspect(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let params = call.params()?;
    let (images, containers) = (&frontend.images, &frontend.containers);
    let row = containers.get(name).await?;
    let mut response = ContainerInspect::of(&row, call.version);
    response.sockerless.pull_reference = containers.pull_reference(&row).await?;
    if params.flag("size") {
        // The size of what a container wrote: here none ever runs.
        response.size_rw = Some(0);
        response.size_root_fs = image_size(images, &row).await?;
    }
    answer::json(&response)
}

/// The response, its fields in Docker's order. `None` is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerInspect<'a> {
    id: &'a str,
    created: String,
    path: &'a str,
    args: Vec<&'a str>,
    state: Value,
    image: Digest,
    resolv_conf_path: &'static str,
    hostname_path: &'static str,
    hosts_path: &'static str,
    log_path: &'static str,
    name: String,
    restart_count: u64,
    driver: &'static str,
    platform: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_manifest_descriptor: Option<Value>,
    mount_label: &'static str,
    process_label: &'static str,
    app_armor_profile: &'static str,
    #[serde(rename = "ExecIDs")]
    exec_ids: Value,
    host_config: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_driver: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_rw: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_root_fs: Option<u64>,
    mounts: [Value; 0],
    config: Config<'a>,
    network_settings: Value,
    sockerless: Extension,
}

/// Members that Docker does not have.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Extension {
    /// The reference that a backend runs: a repository and the digest of the manifest for this
    /// container.
    pull_reference: Option<Reference>,
}

impl<'a> ContainerInspect<'a> {
    fn of(row: &'a ContainerRow, version: ApiVersion) -> Self {
        let spec = &row.spec;
        let (path, args) = spec.command();
        Self {
            id: &row.id,
            created: row.created_at.to_string(),
            path,
            args,
            state: state(),
            image: row.image,
            resolv_conf_path: "",
            hostname_path: "",
            hosts_path: "",
            log_path: "",
            name: format!("/{}", row.name),
            restart_count: 0,
            driver: "sockerless",
            platform: &spec.platform.os,
            image_manifest_descriptor: version.at_least(48).then(|| manifest_descriptor(spec)),
            mount_label: "",
            process_label: "",
            app_armor_profile: "",
            exec_ids: Value::Null,
            host_config: host_config(spec),
            graph_driver: (!version.at_least(52))
                .then(|| json!({ "Data": null, "Name": "sockerless" })),
            size_rw: None,
            size_root_fs: None,
            mounts: [],
            config: Config::of(spec, version),
            network_settings: network_settings(
                network::networks(spec, &network::mode(spec)),
                version,
            ),
            sockerless: Extension::default(),
        }
    }
}

/// The state of a container that was only created.
fn state() -> Value {
    json!({
        "Status": "created",
        "Running": false,
        "Paused": false,
        "Restarting": false,
        "OOMKilled": false,
        "Dead": false,
        "Pid": 0,
        "ExitCode": 0,
        "Error": "",
        "StartedAt": NO_TIME,
        "FinishedAt": NO_TIME,
    })
}

/// Before API 1.52 it has the default network a second time.
fn network_settings(networks: Map<String, Value>, version: ApiVersion) -> Value {
    let mut settings = json!({
        "SandboxID": "",
        "SandboxKey": "",
        "Ports": {},
        "Networks": networks,
    });
    if let (Value::Object(settings), false) = (&mut settings, version.at_least(52)) {
        for key in [
            "Bridge",
            "EndpointID",
            "Gateway",
            "GlobalIPv6Address",
            "IPAddress",
            "IPv6Gateway",
            "LinkLocalIPv6Address",
            "MacAddress",
        ] {
            settings.insert(key.to_owned(), json!(""));
        }
        for key in [
            "GlobalIPv6PrefixLen",
            "IPPrefixLen",
            "LinkLocalIPv6PrefixLen",
        ] {
            settings.insert(key.to_owned(), json!(0));
        }
        for key in ["SecondaryIPAddresses", "SecondaryIPv6Addresses"] {
            settings.insert(key.to_owned(), Value::Null);
        }
        settings.insert("HairpinMode".to_owned(), json!(false));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::sample::{ID, row};

    fn shown(version: &str) -> Value {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        serde_json::to_value(ContainerInspect::of(&row(), version)).expect("JSON")
    }

    #[test]
    fn a_container_that_never_ran() {
        let container = shown("1.55");
        for (key, value) in [
            ("Id", json!(ID)),
            ("Created", json!("2023-11-14T22:13:20.0000005Z")),
            ("Path", json!("run")),
            ("Args", json!([])),
            ("Image", json!(Digest::of("config"))),
            ("Name", json!("/web")),
            ("RestartCount", json!(0)),
            ("Platform", json!("linux")),
            ("ExecIDs", Value::Null),
            ("LogPath", json!("")),
            ("Mounts", json!([])),
            ("Sockerless", json!({ "PullReference": null })),
        ] {
            assert_eq!(container[key], value, "{key}");
        }
        let state = &container["State"];
        assert_eq!(
            (&state["Status"], &state["Running"]),
            (&json!("created"), &json!(false))
        );
        assert_eq!(
            (&state["Pid"], &state["StartedAt"]),
            (&json!(0), &json!(NO_TIME))
        );
        assert_eq!(container["HostConfig"]["NetworkMode"], "default");
        assert_eq!(container["Config"]["Image"], "p/one:1");
        assert_eq!(
            container["ImageManifestDescriptor"]["digest"],
            json!(Digest::of("manifest"))
        );
    }

    #[test]
    fn by_version() {
        for (path, shown_in, hidden_in) in [
            ("/ImageManifestDescriptor", "1.48", "1.47"),
            ("/GraphDriver", "1.51", "1.52"),
            ("/NetworkSettings/IPAddress", "1.51", "1.52"),
            ("/NetworkSettings/HairpinMode", "1.24", "1.55"),
        ] {
            assert!(shown(shown_in).pointer(path).is_some(), "{path}");
            assert!(shown(hidden_in).pointer(path).is_none(), "{path}");
        }
        for version in ["1.24", "1.55"] {
            let container = shown(version);
            let network = container.pointer("/NetworkSettings/Networks/bridge");
            assert!(network.is_some(), "{container}");
        }
    }
}
