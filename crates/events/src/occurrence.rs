//! What happened, before it is given a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Action, Attributes, Event, ObjectType};

/// What happened, to be published as an [`Event`].
///
/// Daemons send it to each other as JSON. Daemons of different versions may do so, so the keys and
/// words of that JSON stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The kind of object.
    #[serde(rename = "subject")]
    pub object: ObjectType,
    /// What happened.
    pub action: Action,
    /// The object, as in [`Event::id`].
    pub id: String,
    /// As in [`Event::attributes`].
    pub attributes: Attributes,
}

impl Occurrence {
    /// Reads what another daemon sent.
    ///
    /// # Errors
    /// When it is not such JSON, or has a value that only a newer version knows.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// Writes it as JSON. The text never contains a NUL: JSON escapes it.
    pub(crate) fn to_text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// The event with the time when it was published.
    pub(crate) fn at(self, at: Timestamp) -> Event {
        let Self {
            object,
            action,
            id,
            attributes,
        } = self;
        Event {
            object,
            action,
            id,
            attributes,
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored in databases: it must not change.
    const TEXT: &str = concat!(
        r#"{"subject":"container","action":"destroy","id":"c0ffee","#,
        r#""attributes":{"a":"\u0000\"","name":"web"}}"#
    );

    #[test]
    fn it_is_written_and_read() {
        let attributes = [("name", "web"), ("a", "\0\"")];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let occurrence = Occurrence {
            object: ObjectType::Container,
            action: Action::Destroy,
            id: "c0ffee".to_owned(),
            attributes: attributes.into(),
        };
        assert_eq!(occurrence.to_text().expect("JSON"), TEXT);
        let read = Occurrence::parse(TEXT)
            .expect("a occurrence")
            .at(Timestamp::UNIX_EPOCH);
        assert_eq!(read, occurrence.at(Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn words() {
        let words = [
            (Action::Load, "load"),
            (Action::Tag, "tag"),
            (Action::Untag, "untag"),
            (Action::Delete, "delete"),
            (Action::Pull, "pull"),
            (Action::Push, "push"),
            (Action::Import, "import"),
            (Action::Save, "save"),
            (Action::Prune, "prune"),
            (Action::Create, "create"),
            (Action::Rename, "rename"),
            (Action::Destroy, "destroy"),
        ];
        for (action, word) in words {
            let text = TEXT.replace("destroy", word).replace("container", "image");
            let occurrence = Occurrence::parse(&text).expect(word);
            assert_eq!(
                (occurrence.object, occurrence.action),
                (ObjectType::Image, action)
            );
            assert_eq!(occurrence.to_text().expect("JSON"), text);
        }
    }

    #[test]
    fn what_a_newer_version_tells() {
        let more = TEXT.replace(r#""id""#, r#""origin":{"host":"a"},"id""#);
        assert!(Occurrence::parse(&more).is_ok(), "a field more");
        for (known, new) in [
            ("destroy", "thaw"),
            ("container", "volume"),
            (r#""id""#, r#""ID""#),
        ] {
            assert!(
                Occurrence::parse(&TEXT.replace(known, new)).is_err(),
                "{new}"
            );
        }
        assert!(Occurrence::parse("").is_err());
    }
}
