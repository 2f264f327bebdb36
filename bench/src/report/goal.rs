use std::fmt::{self, Display, Formatter};

/// A goal for a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Goal {
    says: String,
    bound: Bound,
    limit: f64,
    found: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    AtLeast,
    AtMost,
}

impl Goal {
    /// `found` should be `limit` or more.
    pub(crate) fn at_least(limit: f64, says: impl Into<String>, found: f64) -> Self {
        Self {
            says: says.into(),
            bound: Bound::AtLeast,
            limit,
            found,
        }
    }

    /// `found` should be `limit` or less.
    pub(crate) fn at_most(limit: f64, says: impl Into<String>, found: f64) -> Self {
        Self {
            says: says.into(),
            bound: Bound::AtMost,
            limit,
            found,
        }
    }

    /// Whether it is met.
    pub(crate) fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast => self.found >= self.limit,
            Bound::AtMost => self.found <= self.limit,
        }
    }

    /// The text of the goal.
    pub(crate) fn wanted(&self) -> String {
        let bound = match self.bound {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
        };
        format!("{bound} {} {}", number(self.limit), self.says)
    }

    /// The text of the found value.
    pub(crate) fn found(&self) -> String {
        number(self.found)
    }

    /// `met` or `missed`, and by how much of the limit.
    pub(crate) fn verdict(&self) -> String {
        let distance = (self.found - self.limit).abs() / self.limit * 100.0;
        match self.is_met() {
            true => format!("met by {distance:.0} %"),
            false => format!("**missed by {distance:.0} %**"),
        }
    }
}

impl Display for Goal {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let verdict = self.verdict().replace("**", "");
        write!(out, "{}: {}, {verdict}", self.wanted(), self.found())
    }
}

/// Three digits, or all before the point.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_says_by_how_much() {
        let goal = Goal::at_least(6.0, "times as fast", 9.0);
        assert_eq!(goal.to_string(), "at least 6 times as fast: 9, met by 50 %");
        let goal = Goal::at_least(6.0, "times as fast", 4.5);
        assert_eq!(goal.verdict(), "**missed by 25 %**");
        let goal = Goal::at_most(1.3, "times as long", 1.314);
        assert_eq!(
            goal.to_string(),
            "at most 1.30 times as long: 1.31, missed by 1 %"
        );
        assert!(Goal::at_most(64.0, "MiB", 64.0).is_met());
    }

    #[test]
    fn what_could_not_be_measured_is_not_met() {
        assert!(!Goal::at_least(1.0, "", f64::NAN).is_met());
        assert!(!Goal::at_most(1.0, "", f64::NAN).is_met());
    }
}
