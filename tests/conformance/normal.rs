//! Everything that is normalized before responses are compared, because it cannot be equal:
//!
//! 1. The time: a time since the test began, as text or as a number, becomes `<now>`.
//! 2. IDs that each daemon made up, once a scenario has given them a name: `<name>`.
//! 3. Repeated progress of one step: only the last line of each step counts, because dockerd
//!    writes as many as there is time for.
//! 4. Orders that dockerd leaves to chance: of images of the same second in a list, and so of all
//!    that were made since the test began, of networks, of what a prune removed, and of the images
//!    in an archive.
//! 5. The folders of the daemons, which are different ones: `<root>`.
//!
//! Besides, `answer.rs` names four headers that are not compared.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::lines;

/// The placeholder for a time since the test began.
const NOW: &str = "<now>";

/// When a scenario began, in the forms in which responses have times.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// `2026-01-02T03:04:05`: comparable as text.
    text: String,
    seconds: u64,
}

impl Clock {
    /// Begins now. `system_time` is the time that dockerd reports.
    pub(crate) fn new(system_time: &str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            text: system_time.get(..19).expect("RFC 3339").to_owned(),
            // An operation that began in the second before may have the time of that second.
            seconds: now.expect("after 1970").as_secs() - 1,
        }
    }

    fn is_since_text(&self, text: &str) -> bool {
        let shape = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
        let is_time = shape(4, b'-') && shape(10, b'T') && shape(13, b':') && text.ends_with('Z');
        is_time
            && text
                .get(..19)
                .is_some_and(|begin| begin >= self.text.as_str())
    }

    fn is_since_number(&self, number: u64) -> bool {
        let hour = 3600;
        let seconds = self.seconds..self.seconds + hour;
        seconds.contains(&number) || seconds.contains(&(number / 1_000_000_000))
    }
}

/// Normalizes the responses of one daemon.
#[derive(Debug)]
pub(crate) struct Normal<'a> {
    pub(crate) clock: &'a Clock,
    /// Texts that are specific to this daemon, and their placeholders.
    pub(crate) names: &'a [(String, String)],
}

impl Normal<'_> {
    /// Replaces texts that are specific to this daemon.
    pub(crate) fn text(&self, text: &str) -> String {
        let names = self.names.iter();
        names.fold(text.to_owned(), |text, (value, name)| {
            text.replace(value, name)
        })
    }

    /// Normalizes the times in `value`.
    pub(crate) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.clock.is_since_text(&text) => NOW.into(),
            Value::Number(number)
                if number
                    .as_u64()
                    .is_some_and(|it| self.clock.is_since_number(it)) =>
            {
                NOW.into()
            }
            Value::Array(values) => values.into_iter().map(|it| self.value(it)).collect(),
            Value::Object(keys) => {
                let keys = keys.into_iter().map(|(key, it)| (key, self.value(it)));
                Value::Object(keys.collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    /// Normalizes the times in a document, and undefined orders.
    pub(crate) fn document(&self, request: &str, value: Value) -> Value {
        let mut value = self.value(value);
        let list = match request.split('?').next() {
            Some("GET /images/json" | "GET /networks") => Some(&mut value),
            Some("GET /system/df") => value.get_mut("Images"),
            Some("POST /images/prune") => value.get_mut("ImagesDeleted"),
            _ => None,
        };
        if let Some(list) = list.and_then(Value::as_array_mut) {
            // Only images have a time: all items of another list count as simultaneous.
            for same in list.chunk_by_mut(|one, other| one.get("Created") == other.get("Created")) {
                same.sort_by_key(|value| {
                    (value.get("Id").map(Value::to_string), value.to_string())
                });
            }
        }
        value
    }

    /// Normalizes the content of an archive.
    pub(crate) fn archive(&self, content: &Value) -> Value {
        let text = self.text(&content.to_string());
        let mut content: Value = serde_json::from_str(&text).expect("JSON");
        if let Some(images) = content["images"].as_array_mut() {
            images.sort_by_key(Value::to_string);
        }
        content
    }

    /// Keeps only the last line of repeated progress.
    pub(crate) fn lines(&self, values: Vec<Value>) -> Vec<Value> {
        let mut lines: Vec<Value> = Vec::new();
        for value in values {
            let is_progress = value.get("progressDetail").is_some();
            match lines.last_mut() {
                Some(last) if is_progress && lines::key(last) == lines::key(&value) => {
                    *last = value;
                }
                _ => lines.push(value),
            }
        }
        lines
    }
}
