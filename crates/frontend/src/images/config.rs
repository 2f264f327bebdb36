//! An image's config as inspect shows it, by API version.

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use crate::fields::{field, text};
use crate::status::Failure;
use crate::version::ApiVersion;

/// Docker's word for no time.
pub(super) const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// The config document of an image.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigDocument {
    object: Map<String, Value>,
}

impl ConfigDocument {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(bytes)
            .map(|object| Self { object })
            .map_err(|error| {
                Failure::internal(
                    "the image's config is kept here but is no JSON object",
                    &error,
                )
            })
    }

    /// A text at the top of the document; empty when there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        text(&self.object, name)
    }

    /// When the image was made, if the document says so.
    pub(super) fn created(&self) -> Option<Timestamp> {
        self.text("created").parse().ok()
    }

    /// The same as text, in the document's own time zone.
    pub(super) fn created_text(&self) -> Option<String> {
        self.created()?;
        let text = self.text("created");
        // Go writes no offset as Z.
        Some(
            text.strip_suffix("+00:00")
                .map_or_else(|| text.to_owned(), |time| format!("{time}Z")),
        )
    }

    /// The labels; `None` when there are none.
    pub(super) fn labels(&self) -> Option<&Value> {
        Kind::Object.find(self.section("config")?, "Labels")
    }

    fn section(&self, name: &str) -> Option<&Map<String, Value>> {
        field(&self.object, name).and_then(Value::as_object)
    }

    /// What a container of the image gets by default.
    pub(super) fn config(&self, version: ApiVersion) -> Settings {
        let mut settings: Vec<(&'static str, Value)> = self
            .section("config")
            .map(|section| pick(section, IMAGE_KEYS))
            .unwrap_or_default();
        let forced = match version {
            version if version.at_least(52) => return Settings(settings),
            version if version.at_least(50) => IMAGE_FORCED,
            _ => CONTAINER_FORCED,
        };
        force(&mut settings, forced);
        Settings(settings)
    }

    /// The container that the image was committed from, as builders before BuildKit wrote it.
    pub(super) fn container_config(&self) -> Settings {
        let mut settings: Vec<(&'static str, Value)> = self
            .section("container_config")
            .map(|section| pick(section, CONTAINER_KEYS))
            .unwrap_or_default();
        force(&mut settings, CONTAINER_FORCED);
        Settings(settings)
    }
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

#[derive(Debug, Clone, Copy)]
enum Kind {
    Bool,
    Number,
    Text,
    /// A list of texts; Docker reads a single text as a list of one.
    List,
    Object,
}

impl Kind {
    /// The value of `key` if it is of this kind and not empty.
    fn find<'a>(self, section: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
        field(section, key).filter(|value| match (self, value) {
            (Self::Bool, Value::Bool(flag)) => *flag,
            (Self::Number, value) => value.is_number(),
            (Self::Text | Self::List, Value::String(text)) => !text.is_empty(),
            (Self::List, Value::Array(list)) => {
                !list.is_empty() && list.iter().all(Value::is_string)
            }
            (Self::Object, Value::Object(object)) => !object.is_empty(),
            _ => false,
        })
    }
}

fn pick(section: &Map<String, Value>, keys: &[(&'static str, Kind)]) -> Vec<(&'static str, Value)> {
    keys.iter()
        .filter_map(|&(key, kind)| {
            let value = kind.find(section, key)?.clone();
            let value = match (kind, value) {
                (Kind::List, Value::String(text)) => json!([text]),
                (_, value) => value,
            };
            Some((key, value))
        })
        .collect()
}

/// Adds the keys that older versions always show; they show all in alphabetical order.
fn force(settings: &mut Vec<(&'static str, Value)>, forced: &[(&'static str, Kind)]) {
    for &(key, kind) in forced {
        if !settings.iter().any(|(present, _)| *present == key) {
            let empty = match kind {
                Kind::Bool => Value::Bool(false),
                Kind::Number => json!(0),
                Kind::Text => json!(""),
                Kind::List | Kind::Object => Value::Null,
            };
            settings.push((key, empty));
        }
    }
    settings.sort_by_key(|(key, _)| *key);
}

/// The OCI image config and Docker's extension of it, in their order.
const IMAGE_KEYS: &[(&str, Kind)] = &[
    ("User", Kind::Text),
    ("ExposedPorts", Kind::Object),
    ("Env", Kind::List),
    ("Entrypoint", Kind::List),
    ("Cmd", Kind::List),
    ("Volumes", Kind::Object),
    ("WorkingDir", Kind::Text),
    ("Labels", Kind::Object),
    ("StopSignal", Kind::Text),
    ("ArgsEscaped", Kind::Bool),
    ("Healthcheck", Kind::Object),
    ("OnBuild", Kind::List),
    ("Shell", Kind::List),
];

/// Always shown by API 1.50 and 1.51.
const IMAGE_FORCED: &[(&str, Kind)] = &[
    ("Cmd", Kind::List),
    ("Entrypoint", Kind::List),
    ("Env", Kind::List),
    ("Labels", Kind::Object),
    ("OnBuild", Kind::List),
    ("User", Kind::Text),
    ("Volumes", Kind::Object),
    ("WorkingDir", Kind::Text),
];

/// Always shown up to API 1.49: a container's config, of which an image has no more than the
/// keys above.
const CONTAINER_FORCED: &[(&str, Kind)] = &[
    ("AttachStderr", Kind::Bool),
    ("AttachStdin", Kind::Bool),
    ("AttachStdout", Kind::Bool),
    ("Cmd", Kind::List),
    ("Domainname", Kind::Text),
    ("Entrypoint", Kind::List),
    ("Env", Kind::List),
    ("Hostname", Kind::Text),
    ("Image", Kind::Text),
    ("Labels", Kind::Object),
    ("OnBuild", Kind::List),
    ("OpenStdin", Kind::Bool),
    ("StdinOnce", Kind::Bool),
    ("Tty", Kind::Bool),
    ("User", Kind::Text),
    ("Volumes", Kind::Object),
    ("WorkingDir", Kind::Text),
];

/// Everything that a container's config may hold.
const CONTAINER_KEYS: &[(&str, Kind)] = &[
    ("ArgsEscaped", Kind::Bool),
    ("AttachStderr", Kind::Bool),
    ("AttachStdin", Kind::Bool),
    ("AttachStdout", Kind::Bool),
    ("Cmd", Kind::List),
    ("Domainname", Kind::Text),
    ("Entrypoint", Kind::List),
    ("Env", Kind::List),
    ("ExposedPorts", Kind::Object),
    ("Healthcheck", Kind::Object),
    ("Hostname", Kind::Text),
    ("Image", Kind::Text),
    ("Labels", Kind::Object),
    ("MacAddress", Kind::Text),
    ("NetworkDisabled", Kind::Bool),
    ("OnBuild", Kind::List),
    ("OpenStdin", Kind::Bool),
    ("Shell", Kind::List),
    ("StdinOnce", Kind::Bool),
    ("StopSignal", Kind::Text),
    ("StopTimeout", Kind::Number),
    ("Tty", Kind::Bool),
    ("User", Kind::Text),
    ("Volumes", Kind::Object),
    ("WorkingDir", Kind::Text),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ApiVersion {
        ApiVersion::negotiate(Some(text)).expect("served")
    }

    fn text_of(settings: &Settings) -> String {
        serde_json::to_string(settings).expect("JSON")
    }

    #[test]
    fn keys_in_any_case_and_nothing_unknown() {
        let document = ConfigDocument::parse(
            br#"{"Config":{"env":["A=b"],"CMD":"run","Hostname":"h","Bogus":1,"labels":{},
                 "Volumes":["no map"],"User":""}}"#,
        )
        .expect("JSON");
        assert_eq!(
            text_of(&document.config(version("1.52"))),
            r#"{"Env":["A=b"],"Cmd":["run"]}"#
        );
        assert_eq!(
            text_of(&document.config(version("1.50"))),
            r#"{"Cmd":["run"],"Entrypoint":null,"Env":["A=b"],"Labels":null,"OnBuild":null,"User":"","Volumes":null,"WorkingDir":""}"#
        );
        assert_eq!(
            text_of(&document.config(version("1.49"))),
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
            text_of(&document.container_config()),
            r#"{"AttachStderr":false,"AttachStdin":false,"AttachStdout":false,"Cmd":null,"Domainname":"","Entrypoint":null,"Env":null,"Hostname":"h","Image":"","Labels":null,"OnBuild":null,"OpenStdin":false,"StdinOnce":false,"StopTimeout":3,"Tty":true,"User":"","Volumes":null,"WorkingDir":""}"#
        );
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
        assert_eq!(created(r#"{"created":"yesterday"}"#), None);
        for (written, shown) in [
            ("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"),
            ("1970-01-01T00:00:01+00:00", "1970-01-01T00:00:01Z"),
            ("2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05+02:00"),
            (NO_TIME, NO_TIME),
        ] {
            assert_eq!(
                created(&format!(r#"{{"created":"{written}"}}"#)).as_deref(),
                Some(shown)
            );
        }
    }
}
