//! What a container is to run, and the row that the state keeps of it.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sockerless_oci::Platform;

use crate::{HostConfig, NetworkingConfig};
use sockerless_state::Container;

use sockerless_images::Error;
use sockerless_oci::config::RunConfig;
use sockerless_reference::{Digest, Reference};

/// What a container is to run, and how: the client's request merged with its image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContainerSpec {
    /// The image as the client named it.
    pub image_name: String,
    /// Digest of the manifest of the variant that it is to run.
    pub manifest: Digest,
    /// Media type of that manifest.
    pub manifest_media_type: String,
    /// Bytes of that manifest.
    pub manifest_size: u64,
    /// The platform it runs on.
    pub platform: Platform,
    /// Where its image could be pulled from when it was created. This stays valid when the image is
    /// removed here by force, because that removes nothing from a registry.
    pub pull_reference: Option<Reference>,
    /// What it runs: the client's settings and the image's.
    pub run: RunConfig,
    /// Settings that an image does not have.
    pub settings: Settings,
    /// How it runs on its host, as the client gave it.
    pub host_config: Option<HostConfig>,
    /// The networks that it is to be in, as the client gave them.
    pub networking_config: Option<NetworkingConfig>,
}

/// Settings that only a container has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Its host name; the first 12 characters of its ID when the client gave none.
    pub hostname: String,
    /// Its domain.
    pub domainname: String,
    /// Whether the client wants to be attached to its standard input.
    pub attach_stdin: bool,
    /// To its standard output.
    pub attach_stdout: bool,
    /// To its standard error.
    pub attach_stderr: bool,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether its standard input stays open.
    pub open_stdin: bool,
    /// Whether that is closed when the first client leaves.
    pub stdin_once: bool,
    /// Whether it has no network.
    pub network_disabled: bool,
    /// Its MAC address; empty when none was given.
    pub mac_address: String,
    /// Seconds that it has to stop by itself.
    pub stop_timeout: Option<i64>,
}

impl ContainerSpec {
    /// The program that it is to run, and its arguments.
    pub fn command(&self) -> (&str, Vec<&str>) {
        let words = [&self.run.entrypoint, &self.run.cmd];
        let mut words = words.into_iter().flatten().flatten().map(String::as_str);
        (words.next().unwrap_or_default(), words.collect())
    }

    /// The form that the state stores.
    pub(crate) fn to_bytes(&self) -> Result<Bytes, Error> {
        serde_json::to_vec(self).map(Bytes::from).map_err(|error| {
            Error::internal("a container cannot be written as JSON").with_source(error)
        })
    }
}

/// A container.
#[derive(Debug, Clone)]
pub struct ContainerRow {
    /// 64 hexadecimal characters.
    pub id: String,
    /// Its name, without a slash.
    pub name: String,
    /// Digest of the manifest or index of its image.
    pub target: Digest,
    /// ID of its image: the config of the variant that it is to run.
    pub image: Digest,
    /// When it was created.
    pub created_at: Timestamp,
    /// Everything else.
    pub spec: ContainerSpec,
}

impl ContainerRow {
    pub(crate) fn of(container: Container) -> Result<Self, Error> {
        let spec = serde_json::from_slice(&container.spec).map_err(|error| {
            let message = format!("container {} is kept here but cannot be read", container.id);
            Error::internal(message).with_source(error)
        })?;
        Ok(Self {
            id: container.id,
            name: container.name,
            target: container.target,
            image: container.image,
            created_at: container.created_at,
            spec,
        })
    }
}
