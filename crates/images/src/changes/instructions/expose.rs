use crate::changes::ChangeError;
use crate::changes::line::BLANKS;
use crate::changes::ports::Ports;
use crate::changes::state::State;

/// Ports to expose.
#[derive(Debug)]
pub(in crate::changes) struct Expose(Vec<String>);

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
