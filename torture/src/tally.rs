use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts of the outcomes of requests, and of faults.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Counts>);

/// The counts of a [`Tally`].
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    pub(crate) requests: BTreeMap<&'static str, Row>,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) errors: BTreeMap<String, u64>,
}

/// The outcomes of requests of one kind.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Row {
    /// As expected.
    pub(crate) done: u64,
    /// With a status from 400 to 499.
    pub(crate) refused: u64,
    /// With 503.
    pub(crate) unavailable: u64,
    /// With another status from 500 on, or an error as the last line.
    pub(crate) failed: u64,
    /// With a lost connection.
    pub(crate) broken: u64,
    /// The duration of the longest.
    pub(crate) longest: Duration,
}

/// The outcome of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Done,
    Refused,
    Unavailable,
    Failed,
    Broken,
}

/// How many different errors are distinguished.
const ERRORS: usize = 200;

impl Tally {
    pub(crate) fn request(&self, kind: &'static str, class: Class, took: Duration) {
        let mut counts = self.lock();
        let row = counts.requests.entry(kind).or_default();
        row.longest = row.longest.max(took);
        *match class {
            Class::Done => &mut row.done,
            Class::Refused => &mut row.refused,
            Class::Unavailable => &mut row.unavailable,
            Class::Failed => &mut row.failed,
            Class::Broken => &mut row.broken,
        } += 1;
    }

    pub(crate) fn fault(&self, kind: &'static str) {
        *self.lock().faults.entry(kind).or_default() += 1;
    }

    /// Records the text of an error, without what distinguishes it from others of its kind.
    pub(crate) fn error(&self, kind: &str, text: &str) {
        let text = alike(text);
        let mut counts = self.lock();
        let key = format!("{kind}: {text}");
        if counts.errors.len() < ERRORS || counts.errors.contains_key(&key) {
            *counts.errors.entry(key).or_default() += 1;
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text with `…` for every word with a digit in it, such as digests, ports and names.
fn alike(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let is_one_of_many = word.len() > 3 && word.contains(|c: char| c.is_ascii_digit());
        if is_one_of_many { "…" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_by_their_words() {
        let tally = Tally::default();
        tally.error("load", "no blob sha256:01 here");
        tally.error("load", "no blob sha256:02 here");
        let errors = tally.counts().errors;
        assert_eq!(
            errors.into_iter().collect::<Vec<_>>(),
            [("load: no blob … here".to_owned(), 2)]
        );
    }
}
