//! One thing that was checked, as it is printed.

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was checked.
    pub(crate) what: String,
    /// Whether it is as it must be.
    pub(crate) well: bool,
    /// What was found.
    pub(crate) said: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
}

impl Finding {
    /// Something that is as it must be.
    pub(crate) fn well(what: &str, said: String) -> Self {
        Self {
            what: what.to_owned(),
            well: true,
            said,
            advice: None,
        }
    }

    /// Something that is not, and what to do about it.
    pub(crate) fn ill(what: &str, said: String, advice: &str) -> Self {
        Self {
            what: what.to_owned(),
            well: false,
            said,
            advice: Some(advice.to_owned()),
        }
    }
}
