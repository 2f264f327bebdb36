//! `VOLUME`.

use crate::ChangeError;
use crate::exec_form;
use crate::line::BLANKS;
use crate::state::State;

/// Paths that become volumes.
#[derive(Debug)]
pub(crate) struct Volume(Vec<String>);

impl Volume {
    /// A JSON array, or words; quotes do not keep a path with white space together.
    pub(super) fn parse(text: &str) -> Result<Self, ChangeError> {
        let paths = exec_form::parse(text)?.unwrap_or_else(|| {
            let words = text.split(BLANKS).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        });
        if paths.is_empty() {
            return Err(ChangeError::NoArgument("VOLUME"));
        }
        if paths.iter().any(|path| path.trim().is_empty()) {
            return Err(ChangeError::EmptyVolume);
        }
        Ok(Self(
            paths.iter().map(|path| path.trim().to_owned()).collect(),
        ))
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        for path in self.0 {
            let path = state.expand(&path)?;
            if path.is_empty() {
                return Err(ChangeError::EmptyVolume);
            }
            state.run.volumes.insert(path);
        }
        Ok(())
    }
}
