//! One finding, as printed.

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was checked.
    pub(crate) what: String,
    /// Whether it is in order.
    pub(crate) well: bool,
    /// What was found.
    pub(crate) said: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
}

impl Finding {
    /// Something that is in order.
    pub(crate) fn well(what: &str, said: String) -> Self {
        Self {
            what: what.to_owned(),
            well: true,
            said,
            advice: None,
        }
    }

    /// Something that is not in order, and what to do about it.
    pub(crate) fn ill(what: &str, said: String, advice: &str) -> Self {
        Self {
            what: what.to_owned(),
            well: false,
            said,
            advice: Some(advice.to_owned()),
        }
    }
}
