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

    /// When the image was made, in the document's own time zone, if the document says so.
    pub(super) fn created_text(&self) -> Option<String> {
        let text = self.text("created");
        text.parse::<Timestamp>().ok()?;
        // Go writes no offset as Z.
        Some(
            text.strip_suffix("+00:00")
                .map_or_else(|| text.to_owned(), |time| format!("{time}Z")),
        )
    }

    /// What was said about it: by itself, or else by its last step.
    pub(super) fn comment(&self) -> &str {
        let history = field(&self.object, "history").and_then(Value::as_array);
        let last = history.and_then(|steps| steps.last()?.as_object());
        match self.text("comment") {
            "" => last.map_or("", |step| text(step, "comment")),
            own => own,
        }
    }

    /// What its layers are: `layers`, where it says so.
    pub(super) fn root_fs_type(&self) -> &str {
        self.section("rootfs")
            .map_or("", |section| text(section, "type"))
    }

    fn section(&self, name: &str) -> Option<&Map<String, Value>> {
        field(&self.object, name).and_then(Value::as_object)
    }

    /// What a container of the image gets by default.
    pub(super) fn config(&self, version: ApiVersion) -> Settings {
        let is_shown = |key: &Key| !version.at_least(key.shown_until + 1);
        let mut settings = self.settings("config", |key| key.of_image, is_shown);
        if !version.at_least(52) {
            settings.sort_by_key(|(name, _)| *name);
        }
        Settings(settings)
    }

    /// The container that the image was committed from, as builders before BuildKit wrote it.
    pub(super) fn container_config(&self) -> Settings {
        let is_shown = |key: &Key| key.shown_until > 0;
        let mut settings = self.settings("container_config", |_| true, is_shown);
        settings.sort_by_key(|(name, _)| *name);
        Settings(settings)
    }

    /// The keys of a section that it may have, those that have a value or are always shown.
    fn settings(
        &self,
        section: &str,
        may_have: impl Fn(&Key) -> bool,
        is_shown: impl Fn(&Key) -> bool,
    ) -> Vec<(&'static str, Value)> {
        let section = self.section(section);
        let settings = KEYS.iter().filter_map(|key| {
            let value = section
                .filter(|_| may_have(key))
                .and_then(|section| key.value(section));
            let empty = || is_shown(key).then(|| key.kind.empty());
            Some((key.name, value.or_else(empty)?))
        });
        settings.collect()
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

    /// What is shown when there is no value.
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
    kind: Kind,
    /// The config of an image has it too, and not only that of a container.
    of_image: bool,
    /// The last API 1.N in which an image always shows it, empty or not; 0 when there is none.
    shown_until: u16,
}

impl Key {
    const fn of_image(name: &'static str, kind: Kind, shown_until: u16) -> Self {
        Self {
            name,
            kind,
            of_image: true,
            shown_until,
        }
    }

    const fn of_container(name: &'static str, kind: Kind, shown_until: u16) -> Self {
        Self {
            name,
            kind,
            of_image: false,
            shown_until,
        }
    }

    /// Its value in `section`, if it has one.
    fn value(&self, section: &Map<String, Value>) -> Option<Value> {
        let value = self.kind.find(section, self.name)?.clone();
        Some(match (self.kind, value) {
            (Kind::List, Value::String(text)) => json!([text]),
            (_, value) => value,
        })
    }
}

/// Every key: first those of the OCI image config and of Docker's extension of it, in their order.
const KEYS: &[Key] = &[
    Key::of_image("User", Kind::Text, 51),
    Key::of_image("ExposedPorts", Kind::Object, 0),
    Key::of_image("Env", Kind::List, 51),
    Key::of_image("Entrypoint", Kind::List, 51),
    Key::of_image("Cmd", Kind::List, 51),
    Key::of_image("Volumes", Kind::Object, 51),
    Key::of_image("WorkingDir", Kind::Text, 51),
    Key::of_image("Labels", Kind::Object, 51),
    Key::of_image("StopSignal", Kind::Text, 0),
    Key::of_image("ArgsEscaped", Kind::Bool, 0),
    Key::of_image("Healthcheck", Kind::Object, 0),
    Key::of_image("OnBuild", Kind::List, 51),
    Key::of_image("Shell", Kind::List, 0),
    Key::of_container("AttachStderr", Kind::Bool, 49),
    Key::of_container("AttachStdin", Kind::Bool, 49),
    Key::of_container("AttachStdout", Kind::Bool, 49),
    Key::of_container("Domainname", Kind::Text, 49),
    Key::of_container("Hostname", Kind::Text, 49),
    Key::of_container("Image", Kind::Text, 49),
    Key::of_container("MacAddress", Kind::Text, 0),
    Key::of_container("NetworkDisabled", Kind::Bool, 0),
    Key::of_container("OpenStdin", Kind::Bool, 49),
    Key::of_container("StdinOnce", Kind::Bool, 49),
    Key::of_container("StopTimeout", Kind::Number, 0),
    Key::of_container("Tty", Kind::Bool, 49),
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
