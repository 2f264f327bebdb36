//! A place where two responses differ.

use std::fmt;
use std::sync::Arc;

/// The value of a place that one of the two responses does not have.
pub(crate) const ABSENT: &str = "absent";

/// A place where the responses to one request differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// `status`, `header Server`, `.[0].Labels`, `line.progress`.
    pub(crate) name: String,
    pub(crate) dockerd: String,
    pub(crate) sockerless: String,
}

impl Place {
    pub(crate) fn new(
        name: impl Into<String>,
        dockerd: impl Into<String>,
        sockerless: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            dockerd: dockerd.into(),
            sockerless: sockerless.into(),
        }
    }
}

/// A place with the request that shows it.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) place: Place,
}

/// A request and its responses, for the report of a failure.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) scenario: &'static str,
    /// The version in the path: `1.41`; empty for none.
    pub(crate) version: &'static str,
    /// Method and target without version, not escaped.
    pub(crate) request: String,
    pub(crate) dockerd: String,
    pub(crate) sockerless: String,
}

/// How much of a response a failure shows, in bytes.
const SHOWN: usize = 3000;

impl Exchange {
    /// Both responses.
    pub(crate) fn answers(&self) -> String {
        let begin = |text: &str| text.get(..SHOWN).unwrap_or(text).to_owned();
        format!(
            "\n--- dockerd ---\n{}\n--- sockerless ---\n{}\n",
            begin(&self.dockerd),
            begin(&self.sockerless)
        )
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place {
            name,
            dockerd,
            sockerless,
        } = &self.place;
        let Exchange {
            scenario,
            version,
            request,
            ..
        } = &*self.exchange;
        write!(
            formatter,
            "[{scenario}] {version} {request}\n  {name}\n    dockerd:    {dockerd}\n    sockerless: {sockerless}"
        )
    }
}
