//! An image's config, including the defaults of its containers.

mod environment;
mod healthcheck;
mod history;
mod image_config;
mod merge;
mod origin;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

pub use environment::env_key;
pub use healthcheck::Healthcheck;
pub use history::HistoryEntry;
pub use image_config::{ImageConfig, NotAnImage};
pub use merge::NoCommand;
pub use origin::{ContainerSettings, ImageOrigin};
use words::Words;

use crate::json::lenient;

/// The defaults of an image's containers: the `config` object of an OCI image config, with the
/// members that Docker adds. A client that creates a container sends the same.
///
/// It is written in the key order of a config document, without empty values. It is read leniently:
/// keys in any case, and `null` or a value of a wrong type counts as missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RunConfig {
    /// Name or ID of the user, and after a colon of the group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Ports that the container listens on, as `80/tcp`.
    #[serde(
        skip_serializing_if = "BTreeSet::is_empty",
        serialize_with = "empty_objects"
    )]
    pub exposed_ports: BTreeSet<String>,
    /// Variables of the environment, as `NAME=value`; from a client, an entry without `=` removes
    /// the variable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Program to run with [`cmd`](Self::cmd) as its arguments. `None` means the image's, an empty
    /// list none.
    #[serde(skip_serializing_if = "is_empty")]
    pub entrypoint: Option<Vec<String>>,
    /// Arguments of the entrypoint; the program and its arguments when there is no entrypoint.
    #[serde(skip_serializing_if = "is_empty")]
    pub cmd: Option<Vec<String>>,
    /// Paths that are volumes.
    #[serde(
        skip_serializing_if = "BTreeSet::is_empty",
        serialize_with = "empty_objects"
    )]
    pub volumes: BTreeSet<String>,
    /// Working directory of the process.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Signal that stops the container, by name or number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// Whether the command is one line that is escaped already (Windows).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub args_escaped: bool,
    /// How to check whether the container is healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Instructions for builds that start from the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_build: Vec<String>,
    /// Shell that runs commands given as text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shell: Vec<String>,
}

lenient!(RunConfig {
    "user" => user: String,
    "exposedports" => exposed_ports: BTreeSet<String>,
    "env" => env: Vec<String>,
    "entrypoint" => entrypoint: Words,
    "cmd" => cmd: Words,
    "volumes" => volumes: BTreeSet<String>,
    "workingdir" => working_dir: String,
    "labels" => labels: BTreeMap<String, String>,
    "stopsignal" => stop_signal: String,
    "argsescaped" => args_escaped: bool,
    "healthcheck" => healthcheck: Healthcheck,
    "onbuild" => on_build: Vec<String>,
    "shell" => shell: Words,
});

fn is_empty(words: &Option<Vec<String>>) -> bool {
    words.as_ref().is_none_or(Vec::is_empty)
}

/// A set as Go writes a `map[string]struct{}`.
fn empty_objects<S: Serializer>(keys: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Empty {}

    serializer.collect_map(keys.iter().map(|key| (key, Empty {})))
}

#[cfg(test)]
mod tests;
