//! Filters of events.

use sockerless_events::{Event, ObjectType};
use sockerless_images::{LabelFilter, Reference};

use super::message::{SCOPE, action_word, object_word};
use crate::filters::Filters;
use crate::query::Params;
use crate::status::Failure;

/// Which events a client requests.
#[derive(Debug)]
pub(super) struct Filter {
    filters: Filters,
    labels: Vec<LabelFilter>,
}

const KNOWN: &[&str] = &["container", "event", "image", "label", "scope", "type"];

/// There are no events of these here, so a filter with one of them matches nothing.
const NEVER: &[&str] = &[
    "config", "daemon", "network", "node", "plugin", "secret", "service", "volume",
];

impl Filter {
    pub(super) fn of(params: &Params) -> Result<Self, Failure> {
        let filters = Filters::parse(params)?;
        filters.check(&[KNOWN, NEVER].concat())?;
        Ok(Self {
            labels: filters.labels("label"),
            filters,
        })
    }

    /// Whether the event matches every key; it matches a key when it matches any of its values.
    pub(super) fn fits(&self, event: &Event) -> bool {
        let any = |key: &str, fits: &dyn Fn(&str) -> bool| {
            let mut values = self.filters.all(key).peekable();
            values.peek().is_none() || values.any(fits)
        };
        any("type", &|kind| kind == object_word(event.object))
            && any("event", &|action| action == action_word(event.action))
            && any("scope", &|scope| scope == SCOPE)
            && any("container", &|container| is_container(event, container))
            && NEVER.iter().all(|key| any(key, &|_| false))
            && self.has_labels(event)
            && self.is_of_image(event)
    }

    /// Whether it is about one of the requested images, or about a container of one.
    fn is_of_image(&self, event: &Event) -> bool {
        let mut wanted = self.filters.all("image").peekable();
        if wanted.peek().is_none() {
            return true;
        }
        let names = names_of_image(event);
        wanted.any(|image| names.iter().any(|name| name == image))
    }

    /// Whether all requested labels are among the attributes.
    fn has_labels(&self, event: &Event) -> bool {
        self.labels.iter().all(|label| {
            let value = event.attributes.get(&label.key);
            value.is_some_and(|value| label.value.as_ref().is_none_or(|wanted| wanted == value))
        })
    }
}

/// Whether it is about a container whose ID or name has this prefix.
fn is_container(event: &Event, container: &str) -> bool {
    let name = event.attributes.get("name");
    event.object == ObjectType::Container
        && (event.id.starts_with(container) || name.is_some_and(|name| name.starts_with(container)))
}

/// The image's ID and name, or those of a container's image, with the tag and without. They are
/// computed once for each event: a client may request thousands of images.
fn names_of_image(event: &Event) -> Vec<String> {
    let name = match event.object {
        ObjectType::Image => event.attributes.get("name"),
        ObjectType::Container => event.attributes.get("image"),
    };
    let names = [Some(&event.id), name].into_iter().flatten();
    let forms = names.flat_map(|name| {
        let reference = name.parse::<Reference>().ok();
        let repository = reference.map(|reference| reference.familiar_repository().to_owned());
        [Some(name.clone()), repository]
    });
    forms.flatten().collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sockerless_events::Action;
    use sockerless_images::Digest;

    use super::*;

    fn filter(json: &str) -> Result<Filter, String> {
        let params = Params::parse(&format!("filters={json}")).expect("valid");
        Filter::of(&params).map_err(|failure| failure.message)
    }

    fn event(object: ObjectType, action: Action, id: &str, attributes: &[(&str, &str)]) -> Event {
        let attributes = attributes.iter();
        Event {
            object,
            action,
            id: id.to_owned(),
            attributes: attributes
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_fits() {
        let id = Digest::of("image").to_string();
        let tag = event(
            ObjectType::Image,
            Action::Tag,
            &id,
            &[("name", "alpine:3"), ("a", "b")],
        );
        let pull = event(
            ObjectType::Image,
            Action::Pull,
            "h:5000/p/x:1",
            &[("name", "h:5000/p/x")],
        );
        let create = event(
            ObjectType::Container,
            Action::Create,
            "c0ffee",
            &[("name", "web"), ("image", "alpine:3")],
        );
        let same_id = format!(r#"{{"image":["{id}"]}}"#);
        // For each filter whether it matches the tag, the pull and the container.
        for (json, expected) in [
            ("", [true, true, true]),
            (r#"{"image":[]}"#, [true, true, true]),
            (r#"{"type":["image"]}"#, [true, true, false]),
            (r#"{"type":["container","network"]}"#, [false, false, true]),
            (r#"{"event":["tag","create"]}"#, [true, false, true]),
            (r#"{"event":["creat"]}"#, [false, false, false]),
            (r#"{"scope":["local"]}"#, [true, true, true]),
            (r#"{"scope":["swarm"]}"#, [false, false, false]),
            (r#"{"image":["alpine"]}"#, [true, false, true]),
            (r#"{"image":["alpine:3"]}"#, [true, false, true]),
            (r#"{"image":["alpine:4"]}"#, [false, false, false]),
            (
                r#"{"image":["x","alpine:4","h:5000/p/x"]}"#,
                [false, true, false],
            ),
            (r#"{"image":["h:5000/p/x"]}"#, [false, true, false]),
            (r#"{"image":["h:5000/p/x:1"]}"#, [false, true, false]),
            (same_id.as_str(), [true, false, false]),
            (r#"{"container":["c0f"]}"#, [false, false, true]),
            (r#"{"container":["web"]}"#, [false, false, true]),
            (r#"{"container":["alpine"]}"#, [false, false, false]),
            (r#"{"label":["a=b"]}"#, [true, false, false]),
            (r#"{"label":["a","name"]}"#, [true, false, false]),
            (r#"{"label":["a=c"]}"#, [false, false, false]),
            (r#"{"volume":["x"]}"#, [false, false, false]),
            (
                r#"{"type":["image"],"event":["pull"]}"#,
                [false, true, false],
            ),
        ] {
            let filter = filter(json).expect(json);
            let fits = [&tag, &pull, &create].map(|event| filter.fits(event));
            assert_eq!(fits, expected, "{json}");
        }
    }

    #[test]
    fn unknown_keys() {
        for key in [KNOWN, NEVER].concat() {
            assert!(filter(&format!(r#"{{"{key}":["x"]}}"#)).is_ok(), "{key}");
        }
        assert_eq!(
            filter(r#"{"bogus":["x"]}"#).err(),
            Some("invalid filter 'bogus'".to_owned())
        );
    }
}
