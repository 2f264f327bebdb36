//! The networks of a container, as the client requested them: none exists here.

use serde_json::{Map, Value, json};
use sockerless_containers::ContainerSpec;

use super::host_config::filled;

/// Docker's name for the network of a container that names none.
pub(super) const DEFAULT: &str = "default";

/// `HostConfig.NetworkMode`.
pub(super) fn mode(spec: &ContainerSpec) -> String {
    let mode = spec
        .host_config
        .as_ref()
        .and_then(|config| config.network_mode.as_deref());
    mode.filter(|mode| !mode.is_empty())
        .unwrap_or(DEFAULT)
        .to_owned()
}

/// Every network that the client named, with its settings and no address: those of
/// `NetworkingConfig`, otherwise the one of the network `mode`.
pub(super) fn networks(spec: &ContainerSpec, mode: &str) -> Map<String, Value> {
    let mut networks = Map::new();
    let endpoints = spec.networking_config.iter();
    for (name, given) in endpoints.flat_map(|config| &config.endpoints) {
        let given = given.as_object().into_iter().flatten();
        networks.insert(name.clone(), filled(endpoint(), given));
    }
    if networks.is_empty() {
        let name = if mode == DEFAULT { "bridge" } else { mode };
        // A container in the network of another one has none of its own.
        if !name.starts_with("container:") {
            networks.insert(name.to_owned(), endpoint());
        }
    }
    networks
}

/// An endpoint without an address.
fn endpoint() -> Value {
    json!({
        "IPAMConfig": null,
        "Links": null,
        "Aliases": null,
        "MacAddress": "",
        "DriverOpts": null,
        "GwPriority": 0,
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::sample::row_in;

    fn names(host_config: &str, networking_config: &str) -> Vec<String> {
        let row = row_in(host_config, networking_config);
        networks(&row.spec, &mode(&row.spec))
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn which_networks() {
        let two = r#"{"endpointsconfig":{"b":{},"a":null}}"#;
        for (host_config, networking_config, expected) in [
            ("null", "null", &["bridge"][..]),
            (r#"{"NetworkMode":"none"}"#, "{}", &["none"]),
            (
                r#"{"NetworkMode":"mine"}"#,
                r#"{"EndpointsConfig":{}}"#,
                &["mine"],
            ),
            (r#"{"NetworkMode":"container:x"}"#, "null", &[]),
            (r#"{"NetworkMode":"a"}"#, two, &["a", "b"]),
            (
                r#"{"networkmode":"x","NetworkMode":"y","networkMode":"z"}"#,
                "{}",
                &["z"],
            ),
        ] {
            assert_eq!(
                names(host_config, networking_config),
                expected,
                "{host_config}"
            );
        }
    }

    #[test]
    fn endpoints() {
        let given = r#"{"EndpointsConfig":{"a":{"Aliases":["n"],"macaddress":"m","Links":null}}}"#;
        let networks = networks(&row_in("null", given).spec, DEFAULT);
        let mut expected = endpoint();
        expected["Aliases"] = json!(["n"]);
        expected["MacAddress"] = json!("m");
        assert_eq!(networks["a"], expected);
    }
}
