//! `STOPSIGNAL`.

use super::one_argument;
use crate::ChangeError;
use crate::state::State;
use sockerless_oci::is_signal;

/// The signal that stops the container.
#[derive(Debug)]
pub(crate) struct StopSignal(String);

impl StopSignal {
    pub(super) fn parse(text: &str) -> Result<Self, ChangeError> {
        one_argument(text, "STOPSIGNAL").map(Self)
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        if state.windows {
            return Err(ChangeError::StopSignalOnWindows);
        }
        let signal = state.expand(&self.0)?;
        if !is_signal(&signal) {
            return Err(ChangeError::Signal(signal));
        }
        state.run.stop_signal = signal;
        Ok(())
    }
}
