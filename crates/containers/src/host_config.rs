//! How a container is to run on its host: Docker's `HostConfig`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sockerless_oci::json::{Object, same_key};

use crate::InvalidMember;

/// `HostConfig` as a client gave it.
///
/// Members that are read here are typed. The others are kept beside them and shown as they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HostConfig {
    /// The network that the container is in; the default one when absent or empty.
    pub network_mode: Option<String>,
    /// Whether the container is removed when it has ended.
    pub auto_remove: Option<bool>,
    /// Every other member, in the order in which they came.
    pub other: Object<Value>,
}

const NETWORK_MODE: &str = "NetworkMode";
const AUTO_REMOVE: &str = "AutoRemove";

impl HostConfig {
    /// Reads the members of a `HostConfig`. Keys are matched in any case, the last of several
    /// wins, and `null` says nothing, as in Go.
    ///
    /// # Errors
    /// [`InvalidMember::Type`] for a member of another type than Docker's.
    pub fn parse(members: Object<Value>) -> Result<Self, InvalidMember> {
        let mut config = Self::default();
        for (key, value) in members {
            if same_key(&key, NETWORK_MODE) {
                match value {
                    Value::Null => {}
                    Value::String(mode) => config.network_mode = Some(mode),
                    _ => return Err(wrong("HostConfig.NetworkMode", "a string")),
                }
            } else if same_key(&key, AUTO_REMOVE) {
                match value {
                    Value::Null => {}
                    Value::Bool(removes) => config.auto_remove = Some(removes),
                    _ => return Err(wrong("HostConfig.AutoRemove", "true or false")),
                }
            } else {
                config.other.push(key, value);
            }
        }
        Ok(config)
    }

    /// Every member that was given; those that are typed under Docker's own keys.
    pub fn members(&self) -> Vec<(&str, Value)> {
        let mode = self.network_mode.as_deref().map(Value::from);
        let removes = self.auto_remove.map(Value::from);
        let typed = [(NETWORK_MODE, mode), (AUTO_REMOVE, removes)];
        let typed = typed
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        let other = self.other.iter();
        typed
            .chain(other.map(|(key, value)| (key, value.clone())))
            .collect()
    }
}

fn wrong(name: &'static str, expected: &'static str) -> InvalidMember {
    InvalidMember::Type { name, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<HostConfig, String> {
        let members = serde_json::from_str(json).expect("an object");
        HostConfig::parse(members).map_err(|error| error.to_string())
    }

    #[test]
    fn members_are_typed_or_kept() {
        let config = parse(
            r#"{"networkmode":"a","Bogus":[1],"NetworkMode":"b","NETWORKMODE":null,"autoRemove":true}"#,
        );
        let config = config.expect("valid");
        assert_eq!(config.network_mode.as_deref(), Some("b"));
        assert_eq!(config.auto_remove, Some(true));
        let keys: Vec<_> = config
            .members()
            .into_iter()
            .map(|(key, _)| key.to_owned())
            .collect();
        assert_eq!(keys, ["NetworkMode", "AutoRemove", "Bogus"]);
        let text = serde_json::to_string(&config).expect("JSON");
        let read: HostConfig = serde_json::from_str(&text).expect("what was written");
        assert_eq!(read, config);
    }

    #[test]
    fn other_types() {
        for (json, message) in [
            (
                r#"{"NetworkMode":5}"#,
                "HostConfig.NetworkMode has to be a string",
            ),
            (
                r#"{"autoremove":"yes"}"#,
                "HostConfig.AutoRemove has to be true or false",
            ),
        ] {
            assert_eq!(parse(json), Err(message.to_owned()));
        }
    }
}
