//! `ENV`.

use crate::ChangeError;
use crate::pairs::{self, Pair};
use crate::state::State;

/// Variables to set.
#[derive(Debug)]
pub(crate) struct Env(Vec<Pair>);

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
