//! A cache of the lines of the newest events.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hyper::Method;
use jiff::Timestamp;
use sockerless_events::Event;

use super::format::Format;
use super::message::EventMessage;
use crate::answer::{self, Broken};
use crate::version::ApiVersion;

/// Lines that are kept: readers that are up to date need the same ones.
const KEPT: usize = 16;

/// The lines of the newest events, each serialized once for all readers.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    kept: Mutex<VecDeque<(Key, Bytes)>>,
}

/// The event and its form.
type Key = (Timestamp, bool, Format);

impl Texts {
    /// The line of an event.
    pub(super) fn line(
        &self,
        event: &Event,
        version: ApiVersion,
        format: Format,
    ) -> Result<Bytes, Broken> {
        // No two events have the same time.
        let key = (event.at, version.at_least(52), format);
        if let Some(line) = self.get(&key) {
            return Ok(line);
        }
        let json = answer::html_safe(&EventMessage::of(event, version));
        let json = json.map_err(|failure| {
            failure.log(&Method::GET, "/events");
            Broken
        })?;
        let line = format.line(&json);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front((key, line.clone()));
        Ok(line)
    }

    fn get(&self, key: &Key) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(other, _)| other == key);
        found.map(|(_, line)| line.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sockerless_events::{Action, ObjectType};

    use super::*;

    #[test]
    fn readers_share_a_line() {
        let texts = Texts::default();
        let event = |second: i64| Event {
            object: ObjectType::Image,
            action: Action::Tag,
            id: second.to_string(),
            attributes: BTreeMap::new(),
            at: Timestamp::from_second(second).expect("a time"),
        };
        let line = |second, version, format| {
            let version = ApiVersion::negotiate(Some(version)).expect("served");
            texts.line(&event(second), version, format).expect("JSON")
        };
        let first = line(1, "1.52", Format::Ndjson);
        assert_eq!(first.as_ptr(), line(1, "1.55", Format::Ndjson).as_ptr());
        let old = line(1, "1.51", Format::Json);
        assert!(old.starts_with(b"{\"status\":\"tag\""), "{old:?}");
        let sequence = line(1, "1.52", Format::JsonSequence);
        assert!(sequence.starts_with(b"\x1e"), "{sequence:?}");
        for second in 2..100 {
            let line = line(second, "1.52", Format::Ndjson);
            let id = format!("\"ID\":\"{second}\"");
            assert!(String::from_utf8_lossy(&line).contains(&id), "{line:?}");
        }
        assert_eq!(texts.kept.lock().expect("unpoisoned").len(), KEPT);
        assert_eq!(line(1, "1.52", Format::Ndjson), first);
    }
}
