//! An event in Docker's JSON form.

use std::collections::BTreeMap;

use serde::Serialize;
use sockerless_events::{Action, Event, ObjectType};

use crate::version::ApiVersion;

/// An event in Docker's form. `None` is left out.
#[derive(Debug, Serialize)]
pub(super) struct EventMessage<'a> {
    // Below API 1.52 the fields that precede the actor are included: old versions of the docker
    // client fail without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(rename = "Action")]
    action: &'static str,
    #[serde(rename = "Actor")]
    actor: Actor<'a>,
    scope: &'static str,
    time: i64,
    #[serde(rename = "timeNano")]
    time_nano: i64,
}

#[derive(Debug, Serialize)]
struct Actor<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
    #[serde(rename = "Attributes")]
    attributes: &'a BTreeMap<String, String>,
}

/// The scope of every event: there are none of a swarm.
pub(super) const SCOPE: &str = "local";

impl<'a> EventMessage<'a> {
    pub(super) fn of(event: &'a Event, version: ApiVersion) -> Self {
        let Event {
            object,
            action,
            id,
            attributes,
            at,
        } = event;
        let action = action_word(*action);
        let is_old = !version.at_least(52);
        let from = match object {
            ObjectType::Image => None,
            ObjectType::Container => Some(attributes.get("image").map_or("", String::as_str)),
        };
        Self {
            status: is_old.then_some(action),
            id: Some(id.as_str()).filter(|id| is_old && !id.is_empty()),
            from: from.filter(|from| is_old && !from.is_empty()),
            kind: object_word(*object),
            action,
            actor: Actor { id, attributes },
            scope: SCOPE,
            time: at.as_second(),
            time_nano: i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX),
        }
    }
}

pub(super) fn object_word(object: ObjectType) -> &'static str {
    match object {
        ObjectType::Image => "image",
        ObjectType::Container => "container",
    }
}

pub(super) fn action_word(action: Action) -> &'static str {
    match action {
        Action::Load => "load",
        Action::Tag => "tag",
        Action::Untag => "untag",
        Action::Delete => "delete",
        Action::Pull => "pull",
        Action::Push => "push",
        Action::Import => "import",
        Action::Save => "save",
        Action::Prune => "prune",
        Action::Create => "create",
        Action::Rename => "rename",
        Action::Destroy => "destroy",
    }
}

#[cfg(test)]
mod tests {
    use bollard_stubs::models;
    use jiff::Timestamp;

    use super::*;

    fn shown(object: ObjectType, attributes: &[(&str, &str)], version: &str) -> String {
        let attributes = attributes.iter();
        let event = Event {
            object,
            action: Action::Create,
            id: "abc".to_owned(),
            attributes: attributes
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            at: Timestamp::new(60, 5).expect("a time"),
        };
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        let text = serde_json::to_string(&EventMessage::of(&event, version)).expect("JSON");
        serde_json::from_str::<models::EventMessage>(&text).expect("an event message");
        text
    }

    #[test]
    fn messages_by_version() {
        let image = concat!(
            r#""Type":"image","Action":"create","#,
            r#""Actor":{"ID":"abc","Attributes":{"name":"a:1"}},"#,
            r#""scope":"local","time":60,"timeNano":60000000005}"#
        );
        let attributes = [("name", "a:1")];
        assert_eq!(
            shown(ObjectType::Image, &attributes, "1.52"),
            format!("{{{image}")
        );
        assert_eq!(
            shown(ObjectType::Image, &attributes, "1.51"),
            format!(r#"{{"status":"create","id":"abc",{image}"#)
        );
        let container = concat!(
            r#""Type":"container","Action":"create","#,
            r#""Actor":{"ID":"abc","Attributes":{"image":"a:1"}},"#,
            r#""scope":"local","time":60,"timeNano":60000000005}"#
        );
        let attributes = [("image", "a:1")];
        assert_eq!(
            shown(ObjectType::Container, &attributes, "1.55"),
            format!("{{{container}")
        );
        assert_eq!(
            shown(ObjectType::Container, &attributes, "1.24"),
            format!(r#"{{"status":"create","id":"abc","from":"a:1",{container}"#)
        );
    }
}
