//! `GET /info`: the description of the daemon and its machine.

use hyper::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sockerless_images::Platform;

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /info`.
///
/// Everything that belongs to running containers is reported as absent.
pub(crate) async fn info(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let (images, containers) = frontend.images.images_and_containers().await?;
    let mut info = absent();
    info.extend(known(frontend, images, containers));
    if !call.version.at_least(49) {
        for commit in ["ContainerdCommit", "RuncCommit", "InitCommit"] {
            info.insert(commit.to_owned(), json!({ "ID": "", "Expected": "" }));
        }
    }
    if !call.version.at_least(50) {
        for flag in ["BridgeNfIptables", "BridgeNfIp6tables"] {
            info.insert(flag.to_owned(), Value::Bool(false));
        }
    }
    answer::json(&info)
}

/// The members with a value.
fn known(frontend: &Frontend, images: u64, containers: u64) -> Map<String, Value> {
    let config = &frontend.config;
    let machine = &frontend.machine;
    object(json!({
        "ID": config.id,
        "Containers": containers,
        // As in Docker, created containers that do not run count as stopped.
        "ContainersStopped": containers,
        "Images": images,
        "Driver": "sockerless",
        "DriverStatus": config.driver_status,
        "SystemTime": Timestamp::now().to_string(),
        "KernelVersion": machine.kernel_version,
        "OperatingSystem": machine.operating_system,
        "OSVersion": machine.os_version,
        "OSType": config.platform.os,
        "Architecture": machine_name(&config.platform),
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": registries(&config.insecure_registries),
        "NCPU": machine.processors,
        "MemTotal": machine.memory_bytes,
        "DockerRootDir": config.root_dir,
        "Name": machine.host_name,
        "ServerVersion": config.version,
    }))
}

/// The configuration of registries: loopback addresses may always be insecure.
fn registries(insecure: &[String]) -> Value {
    let index = |name: &str, is_secure: bool, is_official: bool| {
        json!({
            "Name": name,
            "Mirrors": [],
            "Secure": is_secure,
            "Official": is_official,
        })
    };
    let mut indexes = Map::new();
    for name in insecure {
        indexes.insert(name.clone(), index(name, false, false));
    }
    // As in Docker, Hub is never insecure.
    indexes.insert("docker.io".to_owned(), index("docker.io", true, true));
    json!({
        "InsecureRegistryCIDRs": ["::1/128", "127.0.0.0/8"],
        "IndexConfigs": indexes,
        "Mirrors": [],
    })
}

/// Features of a machine that runs containers, with Docker's values for their absence.
fn absent() -> Map<String, Value> {
    let mut absent = object(json!({
        "Plugins": { "Volume": [], "Network": [], "Authorization": null, "Log": [] },
        "LoggingDriver": "none",
        "CgroupDriver": "none",
        // Open files are not counted.
        "NFd": -1,
        "GenericResources": null,
        "Labels": [],
        "Runtimes": {},
        "Swarm": {
            "NodeID": "",
            "NodeAddr": "",
            "LocalNodeState": "inactive",
            "ControlAvailable": false,
            "Error": "",
            "RemoteManagers": null,
        },
        "ContainerdCommit": { "ID": "" },
        "RuncCommit": { "ID": "" },
        "InitCommit": { "ID": "" },
        "SecurityOptions": [],
        "CDISpecDirs": [],
        "Warnings": null,
    }));
    for (names, value) in [
        (NUMBERS, json!(0)),
        (FLAGS, json!(false)),
        (TEXTS, json!("")),
    ] {
        absent.extend(names.iter().map(|name| ((*name).to_owned(), value.clone())));
    }
    absent
}

const NUMBERS: &[&str] = &[
    "ContainersRunning",
    "ContainersPaused",
    "NGoroutines",
    "NEventsListener",
];

const FLAGS: &[&str] = &[
    "MemoryLimit",
    "SwapLimit",
    "CpuCfsPeriod",
    "CpuCfsQuota",
    "CPUShares",
    "CPUSet",
    "PidsLimit",
    "IPv4Forwarding",
    "Debug",
    "OomKillDisable",
    "ExperimentalBuild",
    "LiveRestoreEnabled",
];

const TEXTS: &[&str] = &[
    "HttpProxy",
    "HttpsProxy",
    "NoProxy",
    "DefaultRuntime",
    "Isolation",
    "InitBinary",
];

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// An architecture as `uname -m` prints it.
fn machine_name(platform: &Platform) -> &str {
    match (platform.architecture.as_str(), platform.variant.as_deref()) {
        ("amd64", _) => "x86_64",
        ("386", _) => "i686",
        ("arm64", _) => "aarch64",
        ("arm", Some("v6")) => "armv6l",
        ("arm", Some("v5")) => "armv5l",
        ("arm", _) => "armv7l",
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insecure_registries() {
        let indexes = |insecure: &[String]| registries(insecure)["IndexConfigs"].clone();
        let hub = json!({ "Name": "docker.io", "Mirrors": [], "Secure": true, "Official": true });
        assert_eq!(indexes(&[]), json!({ "docker.io": hub }));
        let own = json!({ "Name": "h:5000", "Mirrors": [], "Secure": false, "Official": false });
        assert_eq!(
            indexes(&["h:5000".to_owned()]),
            json!({ "docker.io": hub, "h:5000": own })
        );
    }

    #[test]
    fn machine_names() {
        for (architecture, variant, name) in [
            ("amd64", None, "x86_64"),
            ("arm64", Some("v8"), "aarch64"),
            ("arm", Some("v7"), "armv7l"),
            ("arm", Some("v6"), "armv6l"),
            ("s390x", None, "s390x"),
        ] {
            let platform = Platform {
                os: "linux".to_owned(),
                architecture: architecture.to_owned(),
                variant: variant.map(str::to_owned),
                os_version: None,
            };
            assert_eq!(machine_name(&platform), name);
        }
    }
}
