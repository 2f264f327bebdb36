//! The networks that a container is to be in: Docker's `NetworkingConfig`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sockerless_oci::json::{Object, same_key};

use crate::InvalidMember;

/// `NetworkingConfig` as a client gave it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkingConfig {
    /// What the container wants in each network, by the network's name.
    pub endpoints: Map<String, Value>,
    /// Every other member, in the order in which they came.
    pub other: Object<Value>,
}

impl NetworkingConfig {
    /// Networks that a container may name. Each is shown with everything that could be known of it,
    /// so a list of their names must not become an answer of gigabytes.
    pub const NETWORKS: usize = 256;

    /// Reads the members of a `NetworkingConfig`. Keys are matched in any case and the last of
    /// several wins, as in Go.
    ///
    /// # Errors
    /// [`InvalidMember`] for endpoints that are not objects, and for more networks than can be
    /// shown.
    pub fn parse(members: Object<Value>) -> Result<Self, InvalidMember> {
        let name = "NetworkingConfig.EndpointsConfig";
        let is_endpoint = |value: &Value| value.is_null() || value.is_object();
        let mut config = Self::default();
        for (key, value) in members {
            if !same_key(&key, "EndpointsConfig") {
                config.other.push(key, value);
                continue;
            }
            match value {
                Value::Null => {}
                Value::Object(endpoints) if endpoints.len() > Self::NETWORKS => {
                    return Err(InvalidMember::TooManyNetworks {
                        name,
                        count: endpoints.len(),
                        limit: Self::NETWORKS,
                    });
                }
                Value::Object(endpoints) if endpoints.values().all(is_endpoint) => {
                    config.endpoints = endpoints;
                }
                _ => {
                    return Err(InvalidMember::Type {
                        name,
                        expected: "an object of objects",
                    });
                }
            }
        }
        Ok(config)
    }
}
