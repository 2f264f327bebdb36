use crate::changes::ChangeError;
use crate::changes::pairs::{self, Pair};
use crate::changes::state::State;

/// Labels to set.
#[derive(Debug)]
pub(in crate::changes) struct Label(Vec<Pair>);

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
