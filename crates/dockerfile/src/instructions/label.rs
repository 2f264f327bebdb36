//! `LABEL`.

use crate::ChangeError;
use crate::pairs::{self, Pair};
use crate::state::State;

/// Labels to set.
#[derive(Debug)]
pub(crate) struct Label(Vec<Pair>);

impl Label {
    pub(super) fn parse(text: &str, escape: char) -> Result<Self, ChangeError> {
        pairs::parse(text, "LABEL", escape).map(Self)
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        let labels = pairs::expand(self.0, state)?;
        state.run.labels.extend(labels);
        Ok(())
    }
}
