//! `CMD` and `ENTRYPOINT`.

use crate::ChangeError;
use crate::exec_form;
use crate::state::State;

/// The argument of `CMD` or `ENTRYPOINT`.
#[derive(Debug)]
pub(crate) enum CommandLine {
    /// A program and its arguments.
    Exec(Vec<String>),
    /// A line for the shell; may be empty.
    Shell(String),
}

impl CommandLine {
    pub(super) fn parse(text: &str) -> Result<Self, ChangeError> {
        Ok(match exec_form::parse(text)? {
            Some(words) => Self::Exec(words),
            None => Self::Shell(text.to_owned()),
        })
    }

    /// As in Docker, an empty `CMD` is a shell without a command line, and does not count as set.
    pub(super) fn set_cmd(self, state: &mut State) {
        state.cmd_set |= !self.is_empty();
        state.run.cmd = Some(self.resolve(state));
        state.run.args_escaped = false;
    }

    /// An entrypoint resets the command of the image, unless the command comes from the same
    /// changes.
    pub(super) fn set_entrypoint(self, state: &mut State) {
        state.run.entrypoint = (!self.is_empty()).then(|| self.resolve(state));
        state.run.args_escaped = false;
        if !state.cmd_set {
            state.run.cmd = None;
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Exec(words) => words.is_empty(),
            Self::Shell(line) => line.is_empty(),
        }
    }

    fn resolve(self, state: &State) -> Vec<String> {
        match self {
            Self::Exec(words) => words,
            Self::Shell(line) => {
                let mut words = state.shell();
                words.extend((!line.is_empty()).then_some(line));
                words
            }
        }
    }
}
