//! `EXPOSE`.

use crate::ChangeError;
use crate::line::BLANKS;
use crate::ports::Ports;
use crate::state::State;

/// Ports to expose.
#[derive(Debug)]
pub(crate) struct Expose(Vec<String>);

impl Expose {
    pub(super) fn parse(text: &str) -> Result<Self, ChangeError> {
        if text.is_empty() {
            return Err(ChangeError::NoArgument("EXPOSE"));
        }
        let words = text.split(BLANKS).filter(|word| !word.is_empty());
        Ok(Self(words.map(str::to_owned).collect()))
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        for word in self.0 {
            for spec in state.expand_to_words(&word)? {
                state.expose(Ports::parse(&spec)?)?;
            }
        }
        Ok(())
    }
}
