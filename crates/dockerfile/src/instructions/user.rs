//! `USER`.

use super::one_argument;
use crate::ChangeError;
use crate::state::State;

/// The user of the process.
#[derive(Debug)]
pub(crate) struct User(String);

impl User {
    pub(super) fn parse(text: &str) -> Result<Self, ChangeError> {
        one_argument(text, "USER").map(Self)
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        state.run.user = state.expand(&self.0)?;
        Ok(())
    }
}
