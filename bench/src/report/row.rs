use super::{Entry, Goal, Unit};
use crate::peers::Sockerless;

/// One work and its contestants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) title: String,
    /// The unit of the figures.
    pub(crate) unit: Unit,
    /// The contestants, sockerless first.
    pub(crate) entries: Vec<Entry>,
    /// The goals for sockerless.
    pub(crate) goals: Vec<Goal>,
    /// Notes for the reader.
    pub(crate) notes: Vec<String>,
}

impl Row {
    /// A row without goals.
    pub(crate) fn new(title: impl Into<String>, unit: Unit, entries: Vec<Entry>) -> Self {
        Self {
            title: title.into(),
            unit,
            entries,
            goals: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a goal.
    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    /// Adds a note.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The median of the entry with this name; NaN when there is none.
    pub(crate) fn median(&self, name: &str) -> f64 {
        self.entry(name).map_or(f64::NAN, Entry::median)
    }

    /// The one with this name.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// How many times better sockerless is than the one with this name.
    pub(crate) fn times_better(&self, name: &str) -> f64 {
        let (own, other) = (self.median(Sockerless::NAME), self.median(name));
        match self.unit.more_is_better() {
            true => own / other,
            false => other / own,
        }
    }

    /// How many times better it is than the best of these.
    pub(crate) fn times_better_than_best(&self, names: &[&str]) -> f64 {
        let ratios = names.iter().map(|name| self.times_better(name));
        ratios.reduce(f64::min).unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn ratios_are_of_medians_and_the_best_peer_counts() {
        let entries = vec![
            entry("sockerless", &[1.0, 2.0, 9.0]),
            entry("dockerd", &[20.0]),
            entry("podman", &[12.0]),
        ];
        let row = Row::new("load", Unit::Seconds, entries);
        assert_eq!(row.times_better("dockerd"), 10.0);
        assert_eq!(row.times_better_than_best(&["dockerd", "podman"]), 6.0);
        assert!(row.times_better("nobody").is_nan());
    }
}
