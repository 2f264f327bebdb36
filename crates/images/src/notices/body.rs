use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Action, Notice, Subject};

/// A notice as daemons tell it to each other: as JSON. Daemons of different versions may do so, so
/// names and words here stay as they are.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) subject: Subject,
    pub(super) action: Action,
    pub(super) id: String,
    pub(super) attributes: BTreeMap<String, String>,
}

impl Body {
    /// What another daemon told.
    ///
    /// # Errors
    /// When it cannot be understood, as what a newer version tells.
    pub(super) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// As text. Never with a NUL: JSON escapes it.
    pub(super) fn to_text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// With the time when it was told.
    pub(super) fn at(self, at: Timestamp) -> Notice {
        let Self {
            subject,
            action,
            id,
            attributes,
        } = self;
        Notice {
            subject,
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

    /// What is in databases: it may not change.
    const TEXT: &str = concat!(
        r#"{"subject":"container","action":"destroy","id":"c0ffee","#,
        r#""attributes":{"a":"\u0000\"","name":"web"}}"#
    );

    #[test]
    fn it_is_written_and_read() {
        let attributes = [("name", "web"), ("a", "\0\"")];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let body = Body {
            subject: Subject::Container,
            action: Action::Destroy,
            id: "c0ffee".to_owned(),
            attributes: attributes.into(),
        };
        assert_eq!(body.to_text().expect("JSON"), TEXT);
        let read = Body::parse(TEXT).expect("a body").at(Timestamp::UNIX_EPOCH);
        assert_eq!(read, body.at(Timestamp::UNIX_EPOCH));
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
            let body = Body::parse(&text).expect(word);
            assert_eq!((body.subject, body.action), (Subject::Image, action));
            assert_eq!(body.to_text().expect("JSON"), text);
        }
    }

    #[test]
    fn what_a_newer_version_tells() {
        let more = TEXT.replace(r#""id""#, r#""origin":{"host":"a"},"id""#);
        assert!(Body::parse(&more).is_ok(), "a field more");
        for (known, new) in [
            ("destroy", "thaw"),
            ("container", "volume"),
            (r#""id""#, r#""ID""#),
        ] {
            assert!(Body::parse(&TEXT.replace(known, new)).is_err(), "{new}");
        }
        assert!(Body::parse("").is_err());
    }
}
