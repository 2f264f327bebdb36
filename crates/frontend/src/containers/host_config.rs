//! The `HostConfig` of a container in the response of inspect.

use serde_json::{Map, Value, json};
use sockerless_containers::{ContainerSpec, HostConfig};
use sockerless_oci::json::same_key;

use super::network;

/// `HostConfig`: what the client sent, and defaults for what clients always read.
pub(super) fn host_config(spec: &ContainerSpec) -> Value {
    let given = spec.host_config.as_ref().map(HostConfig::members);
    let given = given.unwrap_or_default();
    filled(defaults(), given.iter().map(|(key, value)| (key, value)))
}

/// `defaults`, replaced by the given values; the last of several wins. Keys match in any case, as
/// in Go; `null` counts as absent. Values without a default are shown as they are.
pub(super) fn filled<'a, K: AsRef<str>>(
    mut defaults: Value,
    given: impl IntoIterator<Item = (K, &'a Value)>,
) -> Value {
    if let Value::Object(object) = &mut defaults {
        let known: Vec<String> = object.keys().cloned().collect();
        for (key, value) in given {
            let key = key.as_ref();
            if !value.is_null() {
                let known = known.iter().find(|known| same_key(known, key));
                let key = known.map_or_else(|| key.to_owned(), Clone::clone);
                object.insert(key, value.clone());
            }
        }
    }
    defaults
}

/// What Docker shows of a container without a `HostConfig`, except for what a runtime decides.
fn defaults() -> Value {
    let mut defaults = Map::new();
    for (keys, value) in [
        (TEXTS, json!("")),
        (NUMBERS, json!(0)),
        (FLAGS, json!(false)),
        (LISTS, Value::Null),
    ] {
        defaults.extend(keys.iter().map(|key| ((*key).to_owned(), value.clone())));
    }
    for (key, value) in [
        ("NetworkMode", json!(network::DEFAULT)),
        (
            "RestartPolicy",
            json!({ "Name": "no", "MaximumRetryCount": 0 }),
        ),
        ("LogConfig", json!({ "Type": "none", "Config": {} })),
        ("ConsoleSize", json!([0, 0])),
    ] {
        defaults.insert(key.to_owned(), value);
    }
    Value::Object(defaults)
}

const TEXTS: &[&str] = &[
    "Cgroup",
    "CgroupParent",
    "CgroupnsMode",
    "ContainerIDFile",
    "CpusetCpus",
    "CpusetMems",
    "IpcMode",
    "Isolation",
    "PidMode",
    "UTSMode",
    "UsernsMode",
    "VolumeDriver",
];

const NUMBERS: &[&str] = &[
    "BlkioWeight",
    "CpuCount",
    "CpuPercent",
    "CpuPeriod",
    "CpuQuota",
    "CpuRealtimePeriod",
    "CpuRealtimeRuntime",
    "CpuShares",
    "IOMaximumBandwidth",
    "IOMaximumIOps",
    "Memory",
    "MemoryReservation",
    "MemorySwap",
    "NanoCpus",
    "OomScoreAdj",
    "ShmSize",
];

const FLAGS: &[&str] = &[
    "AutoRemove",
    "Privileged",
    "PublishAllPorts",
    "ReadonlyRootfs",
];

/// Lists, objects, and values whose absence has another meaning.
const LISTS: &[&str] = &[
    "Binds",
    "BlkioDeviceReadBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceWriteIOps",
    "BlkioWeightDevice",
    "CapAdd",
    "CapDrop",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "Dns",
    "DnsOptions",
    "DnsSearch",
    "ExtraHosts",
    "GroupAdd",
    "Links",
    "MaskedPaths",
    "MemorySwappiness",
    "OomKillDisable",
    "PidsLimit",
    "PortBindings",
    "ReadonlyPaths",
    "SecurityOpt",
    "Ulimits",
    "VolumesFrom",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_wins() {
        let given = json!({
            "networkmode": "host", "Binds": ["/a:/b"], "Memory": null, "Init": true,
            "RestartPolicy": { "Name": "always" },
        });
        let given = given.as_object().expect("an object");
        let shown = filled(defaults(), given);
        for (key, value) in [
            ("NetworkMode", json!("host")),
            ("Binds", json!(["/a:/b"])),
            ("Memory", json!(0)),
            ("Init", json!(true)),
            ("RestartPolicy", json!({ "Name": "always" })),
            ("CapAdd", Value::Null),
            ("Privileged", json!(false)),
            ("LogConfig", json!({ "Type": "none", "Config": {} })),
        ] {
            assert_eq!(shown[key], value, "{key}");
        }
        assert!(shown.get("networkmode").is_none());
    }

    #[test]
    fn every_key_once() {
        let keys = [TEXTS, NUMBERS, FLAGS, LISTS].concat();
        let object = defaults();
        assert_eq!(object.as_object().map(Map::len), Some(keys.len() + 4));
    }
}
