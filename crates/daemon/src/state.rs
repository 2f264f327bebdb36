//! The option that selects where the state is kept.

use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};

/// Where the state, the list of images, is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// In a file in the data root.
    Sqlite,
    /// In memory, until the daemon ends.
    Memory,
    /// In the PostgreSQL database at this URL, which several daemons may share.
    Postgres(String),
}

/// A string that is not a location of the state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("give sqlite, memory or postgres://USER@HOST[:PORT]/DATABASE")]
pub(crate) struct UnknownState;

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            "memory" => Ok(Self::Memory),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Postgres(url.to_owned()))
            }
            _ => Err(UnknownState),
        }
    }
}

/// Parses a [`State`] without repeating an invalid value: it may contain a password.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StateParser;

impl TypedValueParser for StateParser {
    type Value = State;

    fn parse_ref(
        &self,
        command: &Command,
        _argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let state = value.to_str().ok_or(UnknownState).and_then(str::parse);
        state.map_err(|error| {
            clap::Error::raw(ErrorKind::InvalidValue, format!("--state: {error}\n"))
                .with_cmd(command)
        })
    }
}

impl State {
    /// The name of the backend, as reported to clients.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Memory => "memory",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// Without the URL, which may contain a password.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let postgres = |url: &str| Ok(State::Postgres(url.to_owned()));
        for (text, state) in [
            ("sqlite", Ok(State::Sqlite)),
            ("memory", Ok(State::Memory)),
            (
                "postgres://u:secret@h/d",
                postgres("postgres://u:secret@h/d"),
            ),
            (
                "postgresql://h/d?sslmode=require",
                postgres("postgresql://h/d?sslmode=require"),
            ),
            ("postgres", Err(UnknownState)),
            ("mysql://h/d", Err(UnknownState)),
            ("", Err(UnknownState)),
        ] {
            assert_eq!(text.parse(), state, "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let state: State = "postgres://u:secret@h/d".parse().expect("a URL");
        assert_eq!(format!("{state:?}"), "postgres");
    }
}
