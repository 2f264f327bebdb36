//! What a config says of how its image was made.

use serde::Serialize;
use serde_json::value::RawValue;

use super::RunConfig;
use crate::json::{JsonError, Member, any_case, decode, lenient};

/// What a config says of how its image was made, for people only: nothing depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageOrigin {
    /// When it was made, as written; may be empty or not a time.
    pub created: String,
    /// The version of Docker that made it; may be empty.
    pub docker_version: String,
    /// ID of the container that it was committed from; may be empty.
    pub container: String,
    /// What that container ran.
    pub container_run: RunConfig,
    /// The other settings of that container.
    pub container_settings: ContainerSettings,
}

/// Settings of a container that an image's config does not have, written as in [`RunConfig`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerSettings {
    /// Its host name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hostname: String,
    /// Its domain.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub domainname: String,
    /// The image that it was created from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Its MAC address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mac_address: String,
    /// Whether it had no network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub network_disabled: bool,
    /// Whether a client was attached to its standard input.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attach_stdin: bool,
    /// To its standard output.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attach_stdout: bool,
    /// To its standard error.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attach_stderr: bool,
    /// Whether its standard input stayed open.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open_stdin: bool,
    /// Whether that was closed when the first client left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stdin_once: bool,
    /// Whether it had a terminal.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
    /// Seconds that it had to stop by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<i64>,
}

lenient!(ContainerSettings {
    "hostname" => hostname: String,
    "domainname" => domainname: String,
    "image" => image: String,
    "macaddress" => mac_address: String,
    "networkdisabled" => network_disabled: bool,
    "attachstdin" => attach_stdin: bool,
    "attachstdout" => attach_stdout: bool,
    "attachstderr" => attach_stderr: bool,
    "openstdin" => open_stdin: bool,
    "stdinonce" => stdin_once: bool,
    "tty" => tty: bool,
    "stoptimeout" => stop_timeout: i64,
});

impl ImageOrigin {
    /// Reads the bytes of an image config, every member of it leniently.
    ///
    /// # Errors
    /// When they are not a JSON object, which [`ImageConfig`](crate::ImageConfig) refuses too.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        #[derive(Debug, Default)]
        struct Read {
            created: Member<String>,
            docker_version: Member<String>,
            container: Member<String>,
            container_config: Option<Box<RawValue>>,
        }

        any_case!(Read, "an image config" {
            "created" => created,
            "docker_version" => docker_version,
            "container" => container,
            "container_config" => container_config,
        });

        let read: Read = decode(bytes)?;
        let raw = read.container_config;
        let config = raw.as_ref().map_or("null", |raw| raw.get()).as_bytes();
        let run: Member<RunConfig> = decode(config)?;
        let settings: Member<ContainerSettings> = decode(config)?;
        Ok(Self {
            created: read.created.value().unwrap_or_default(),
            docker_version: read.docker_version.value().unwrap_or_default(),
            container: read.container.value().unwrap_or_default(),
            container_run: run.value().unwrap_or_default(),
            container_settings: settings.value().unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leniently() {
        let origin = ImageOrigin::parse(
            b"{\"Created\":\"\xff\",\"docker_version\":[1e999],\"container\":\"c\",
               \"Container_Config\":{\"Cmd\":\"x\",\"Tty\":true,\"stoptimeout\":-0,\"Image\":7}}",
        )
        .expect("an object");
        assert_eq!(
            (&origin.created[..], &origin.container[..]),
            ("\u{fffd}", "c")
        );
        assert_eq!(origin.docker_version, "");
        assert_eq!(origin.container_run.cmd, Some(vec!["x".to_owned()]));
        assert!(origin.container_settings.tty);
        assert_eq!(origin.container_settings.stop_timeout, Some(0));
        for nothing in [
            "{}",
            r#"{"container_config":[]}"#,
            r#"{"container_config":null}"#,
        ] {
            let origin = ImageOrigin::parse(nothing.as_bytes()).expect("an object");
            assert_eq!(origin, ImageOrigin::default());
        }
        assert!(ImageOrigin::parse(b"[]").is_err());
    }
}
