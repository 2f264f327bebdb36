//! The values that a path has for the variables of a pattern.

/// The values of a pattern's variables, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures {
    values: Vec<(&'static str, String)>,
}

impl Captures {
    /// The value of a variable; empty when the pattern has no such variable.
    pub fn get(&self, variable: &str) -> &str {
        self.values
            .iter()
            .find(|(name, _)| *name == variable)
            .map_or("", |(_, value)| value)
    }

    pub(super) fn push(&mut self, variable: &'static str, value: &str) {
        self.values.push((variable, value.to_owned()));
    }

    pub(super) fn pop(&mut self) {
        self.values.pop();
    }
}
