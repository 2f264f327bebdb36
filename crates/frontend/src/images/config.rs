//! An image's config as inspect shows it, by API version.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use sockerless_images::Time;
use sockerless_oci::ImageConfig;
use sockerless_oci::config::ImageOrigin;
use sockerless_oci::json::JsonError;

use crate::answer;
use crate::status::Failure;
use crate::version::ApiVersion;

/// How Docker writes an absent time.
pub(super) const NO_TIME: &str = Time::ZERO;

/// The config document of an image.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigDocument {
    pub(super) config: ImageConfig,
    pub(super) origin: ImageOrigin,
}

impl ConfigDocument {
    /// Reads the bytes of a config.
    ///
    /// # Errors
    /// When they are not a config: never for one that was loaded or pulled here.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Ok(Self {
            config: ImageConfig::parse(bytes)?,
            origin: ImageOrigin::parse(bytes)?,
        })
    }

    /// When the image was made, in the time zone of the document, if it has one; [`NO_TIME`] when
    /// it is not a valid time.
    pub(super) fn created_text(&self) -> Option<String> {
        match self.origin.created.as_str() {
            "" => None,
            text => Some(
                text.parse::<Time>()
                    .map_or_else(|_| NO_TIME.to_owned(), |time| time.to_string()),
            ),
        }
    }

    /// Its comment, or that of its last step.
    pub(super) fn comment(&self) -> &str {
        match self.config.comment.as_str() {
            "" => {
                let last = self.config.history.last();
                last.map_or("", |step| step.comment.as_str())
            }
            own => own,
        }
    }

    /// The default config of a container of the image.
    pub(super) fn config(&self, version: ApiVersion) -> Result<Settings, Failure> {
        let is_shown = |key: &Key| !version.at_least(key.shown_until + 1);
        let mut settings = settings(&object(&self.config.run)?, is_shown);
        if !version.at_least(52) {
            settings.sort_by_key(|(name, _)| *name);
        }
        Ok(Settings(settings))
    }

    /// The container that the image was committed from, as builders before BuildKit wrote it.
    pub(super) fn container_config(&self) -> Result<Settings, Failure> {
        let mut members = object(&self.origin.container_run)?;
        members.extend(object(&self.origin.container_settings)?);
        let mut settings = settings(&members, |key| key.shown_until > 0);
        settings.sort_by_key(|(name, _)| *name);
        Ok(Settings(settings))
    }
}

/// The members of a part of a config.
fn object(part: &impl Serialize) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(part).map_err(answer::unwritable)? {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

/// The keys that have a value or are always shown.
fn settings(
    members: &Map<String, Value>,
    is_shown: impl Fn(&Key) -> bool,
) -> Vec<(&'static str, Value)> {
    let settings = KEYS.iter().filter_map(|key| {
        let value = members.get(key.name).cloned();
        let empty = || is_shown(key).then(|| key.kind.empty());
        Some((key.name, value.or_else(empty)?))
    });
    settings.collect()
}

/// Keys and values of a config, in the order in which they are written.
#[derive(Debug)]
pub(super) struct Settings(Vec<(&'static str, Value)>);

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// What a key without a value shows.
#[derive(Debug, Clone, Copy)]
enum MemberType {
    Bool,
    Number,
    Text,
    List,
    Object,
}

impl MemberType {
    fn empty(self) -> Value {
        match self {
            Self::Bool => Value::Bool(false),
            Self::Number => json!(0),
            Self::Text => json!(""),
            Self::List | Self::Object => Value::Null,
        }
    }
}

/// A key of a config.
#[derive(Debug)]
struct Key {
    name: &'static str,
    kind: MemberType,
    /// The last API 1.N in which an image always shows it, empty or not; 0 when there is none.
    shown_until: u16,
}

impl Key {
    const fn new(name: &'static str, kind: MemberType, shown_until: u16) -> Self {
        Self {
            name,
            kind,
            shown_until,
        }
    }
}

/// Every key: first those of the OCI image config and of Docker's extension of it, in their order.
const KEYS: &[Key] = &[
    Key::new("User", MemberType::Text, 51),
    Key::new("ExposedPorts", MemberType::Object, 0),
    Key::new("Env", MemberType::List, 51),
    Key::new("Entrypoint", MemberType::List, 51),
    Key::new("Cmd", MemberType::List, 51),
    Key::new("Volumes", MemberType::Object, 51),
    Key::new("WorkingDir", MemberType::Text, 51),
    Key::new("Labels", MemberType::Object, 51),
    Key::new("StopSignal", MemberType::Text, 0),
    Key::new("ArgsEscaped", MemberType::Bool, 0),
    Key::new("Healthcheck", MemberType::Object, 0),
    Key::new("OnBuild", MemberType::List, 51),
    Key::new("Shell", MemberType::List, 0),
    Key::new("AttachStderr", MemberType::Bool, 49),
    Key::new("AttachStdin", MemberType::Bool, 49),
    Key::new("AttachStdout", MemberType::Bool, 49),
    Key::new("Domainname", MemberType::Text, 49),
    Key::new("Hostname", MemberType::Text, 49),
    Key::new("Image", MemberType::Text, 49),
    Key::new("MacAddress", MemberType::Text, 0),
    Key::new("NetworkDisabled", MemberType::Bool, 0),
    Key::new("OpenStdin", MemberType::Bool, 49),
    Key::new("StdinOnce", MemberType::Bool, 49),
    Key::new("StopTimeout", MemberType::Number, 0),
    Key::new("Tty", MemberType::Bool, 49),
];

/// The parts of a config as they are shown.
#[cfg(feature = "fuzz")]
pub(crate) fn shown_config(bytes: &[u8], version: ApiVersion) -> Result<Vec<String>, JsonError> {
    let document = ConfigDocument::parse(bytes)?;
    let text = |settings: Result<Settings, Failure>| {
        let settings = settings.map_err(|failure| failure.message);
        settings.map_or_else(|message| message, |settings| answer_of(&settings))
    };
    Ok(vec![
        text(document.config(version)),
        text(document.container_config()),
        answer_of(&document.comment()),
        answer_of(&document.created_text()),
        answer_of(&document.config.platform),
    ])
}

/// A part as JSON, or the error.
#[cfg(feature = "fuzz")]
fn answer_of(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap_or_else(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ApiVersion {
        ApiVersion::negotiate(Some(text)).expect("served")
    }

    fn text_of(settings: Result<Settings, Failure>) -> String {
        let settings = settings.map_err(|failure| failure.message);
        serde_json::to_string(&settings.expect("settings")).expect("JSON")
    }

    #[test]
    fn keys_in_any_case_and_nothing_unknown() {
        let document = ConfigDocument::parse(
            br#"{"Config":{"env":["A=b"],"CMD":"run","Hostname":"h","Bogus":1,"labels":{},
                 "Volumes":["no map"],"User":""}}"#,
        )
        .expect("JSON");
        assert_eq!(
            text_of(document.config(version("1.52"))),
            r#"{"Env":["A=b"],"Cmd":["run"]}"#
        );
        assert_eq!(
            text_of(document.config(version("1.50"))),
            r#"{"Cmd":["run"],"Entrypoint":null,"Env":["A=b"],"Labels":null,"OnBuild":null,"User":"","Volumes":null,"WorkingDir":""}"#
        );
        assert_eq!(
            text_of(document.config(version("1.49"))),
            r#"{"AttachStderr":false,"AttachStdin":false,"AttachStdout":false,"Cmd":["run"],"Domainname":"","Entrypoint":null,"Env":["A=b"],"Hostname":"","Image":"","Labels":null,"OnBuild":null,"OpenStdin":false,"StdinOnce":false,"Tty":false,"User":"","Volumes":null,"WorkingDir":""}"#
        );
    }

    #[test]
    fn container_config_keeps_what_a_container_has() {
        let document = ConfigDocument::parse(
            br#"{"container_config":{"Hostname":"h","Tty":true,"StopTimeout":3}}"#,
        )
        .expect("JSON");
        assert_eq!(
            text_of(document.container_config()),
            r#"{"AttachStderr":false,"AttachStdin":false,"AttachStdout":false,"Cmd":null,"Domainname":"","Entrypoint":null,"Env":null,"Hostname":"h","Image":"","Labels":null,"OnBuild":null,"OpenStdin":false,"StdinOnce":false,"StopTimeout":3,"Tty":true,"User":"","Volumes":null,"WorkingDir":""}"#
        );
    }

    /// Every config that a load accepts can be shown.
    #[test]
    fn what_go_takes() {
        let deep = [vec![b'['; 5000], vec![b']'; 5000]].concat();
        let json = [
            &b"{\"author\":\"\\udc80\",\"x\":1e999,\"config\":{\"Labels\":{\"\\ud800\":\"\xfc\\u0000\"},"[..],
            b"\"User\":1e999,\"cmd\":[\"a\"],\"CMD\":[\"b\"],\"Env\":",
            &deep,
            b"},\"container_config\":",
            &deep,
            b"}",
        ]
        .concat();
        let document = ConfigDocument::parse(&json).expect("a config");
        assert_eq!(document.config.author, "\u{fffd}");
        assert_eq!(
            text_of(document.config(version("1.52"))),
            "{\"Cmd\":[\"b\"],\"Labels\":{\"\u{fffd}\":\"\u{fffd}\\u0000\"}}"
        );
        let container = text_of(document.container_config());
        assert!(container.contains(r#""Hostname":"""#), "{container}");
    }

    #[test]
    fn times() {
        let created = |json: &str| {
            ConfigDocument::parse(json.as_bytes())
                .expect("JSON")
                .created_text()
        };
        assert_eq!(created("{}"), None);
        assert_eq!(created(r#"{"created":null}"#), None);
        for (written, shown) in [
            ("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"),
            ("1970-01-01T00:00:01+00:00", "1970-01-01T00:00:01Z"),
            ("2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05+02:00"),
            (NO_TIME, NO_TIME),
            (
                "2024-01-02T03:04:05.123456789012Z",
                "2024-01-02T03:04:05.123456789Z",
            ),
            ("2024-01-02t03:04:05z", "2024-01-02T03:04:05Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2024-01-02T03:04:05+0200", NO_TIME),
            ("2024-01-02T03:04:05", NO_TIME),
            ("yesterday", NO_TIME),
        ] {
            assert_eq!(
                created(&format!(r#"{{"created":"{written}"}}"#)).as_deref(),
                Some(shown)
            );
        }
    }
}
