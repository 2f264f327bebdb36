use crate::changes::ChangeError;
use crate::changes::pairs::{self, Pair};
use crate::changes::state::State;

/// Variables to set.
#[derive(Debug)]
pub(in crate::changes) struct Env(Vec<Pair>);

impl Env {
    pub(super) fn parse(text: &str, escape: char) -> Result<Self, ChangeError> {
        pairs::parse(text, "ENV", escape).map(Self)
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        for (name, value) in pairs::expand(self.0, state)? {
            state.variables.set(&name, &value);
        }
        Ok(())
    }
}
