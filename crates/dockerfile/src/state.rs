//! The config between two instructions, and the budgets of the whole text.

use super::ChangeError;
use super::ports::Ports;
use super::substitution::{self, Expanded, Failure};
use super::variables::Variables;
use sockerless_oci::config::RunConfig;

/// Bytes that all words of the changes may expand to: far more than a kernel accepts as an
/// environment. Without a bound a few lines that double a variable make gigabytes.
const EXPANSION_BYTES: usize = 1 << 20;

/// Total number of ports in all ranges: every port of every protocol fits.
const PORTS: usize = 1 << 18;

/// A config between two instructions.
#[derive(Debug)]
pub(super) struct State {
    /// The config, without its environment.
    pub(super) run: RunConfig,
    /// The environment.
    pub(super) variables: Variables,
    /// Whether there was a non-empty `CMD`.
    pub(super) cmd_set: bool,
    /// Whether the image is for Windows.
    pub(super) windows: bool,
    escape: char,
    expansion_left: usize,
    ports_left: usize,
}

impl State {
    pub(super) fn new(mut run: RunConfig, escape: char, os: &str) -> Self {
        let windows = os.eq_ignore_ascii_case("windows");
        Self {
            variables: Variables::new(std::mem::take(&mut run.env), windows),
            run,
            cmd_set: false,
            windows,
            escape,
            expansion_left: EXPANSION_BYTES,
            ports_left: PORTS,
        }
    }

    /// The config with its environment.
    pub(super) fn into_run(self) -> RunConfig {
        RunConfig {
            env: self.variables.into_entries(),
            ..self.run
        }
    }

    /// A word with its quotes, escapes and variables resolved.
    pub(super) fn expand(&mut self, word: &str) -> Result<String, ChangeError> {
        self.expansion(word).map(|expanded| expanded.text)
    }

    /// The words that a word expands to: white space in the value of a variable separates them.
    pub(super) fn expand_to_words(&mut self, word: &str) -> Result<Vec<String>, ChangeError> {
        self.expansion(word).map(|expanded| expanded.words)
    }

    fn expansion(&mut self, word: &str) -> Result<Expanded, ChangeError> {
        let left = &mut self.expansion_left;
        substitution::expand(word, self.escape, &self.variables, left).map_err(|failure| {
            match failure {
                Failure::Reason(reason) => ChangeError::Substitution {
                    word: word.to_owned(),
                    reason,
                },
                Failure::TooLarge => ChangeError::TooLarge {
                    limit: EXPANSION_BYTES,
                },
            }
        })
    }

    /// Exposes ports.
    pub(super) fn expose(&mut self, ports: Ports) -> Result<(), ChangeError> {
        let Ports { range, protocol } = ports;
        self.ports_left = self
            .ports_left
            .checked_sub(range.len())
            .ok_or(super::PortError::TooMany { limit: PORTS })?;
        self.run
            .exposed_ports
            .extend(range.map(|port| format!("{port}/{protocol}")));
        Ok(())
    }

    /// The shell that runs a line of text, with its arguments.
    pub(super) fn shell(&self) -> Vec<String> {
        if !self.run.shell.is_empty() {
            return self.run.shell.clone();
        }
        let shell: &[&str] = match self.windows {
            true => &["cmd", "/S", "/C"],
            false => &["/bin/sh", "-c"],
        };
        shell.iter().map(|&word| word.to_owned()).collect()
    }
}
