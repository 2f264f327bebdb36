//! Failures of work in the database, and what to do about each.

use std::sync::Arc;

use tokio_postgres::error::SqlState;

use crate::Error;
use crate::column::Damage;
use crate::error::Source;

/// A failure of work in the database, without the store and the operation.
#[derive(Debug)]
pub(super) enum Fault {
    /// An error for the caller.
    Answer(Error),
    /// Something outside the database prevents the store from working.
    Unavailable(Source),
    /// The server refused, or the connection is lost.
    Database(tokio_postgres::Error),
    /// The connection was lost during a commit.
    Unknown(tokio_postgres::Error),
    /// A row that this program never wrote.
    Damaged(Source),
}

/// What to do about a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: it is the result.
    None,
    /// Retry: another transaction conflicted.
    Again,
    /// Retry in another connection: this one ended before it did anything.
    Reconnect,
    /// The connection is lost, and the outcome of the last request is not known.
    Doubt,
    /// Nothing, but close the connection, which may be the cause.
    Disconnect,
}

impl Fault {
    pub(super) fn damaged(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Damaged(Arc::from(what.into()))
    }

    pub(super) fn unavailable(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(what.into()))
    }

    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Answer(_) => Remedy::None,
            Self::Unavailable(_) | Self::Unknown(_) | Self::Damaged(_) => Remedy::Disconnect,
            Self::Database(error) => match FaultKind::of(error) {
                FaultKind::Conflict => Remedy::Again,
                FaultKind::Ended => Remedy::Reconnect,
                FaultKind::Lost => Remedy::Doubt,
                FaultKind::Unstorable => Remedy::None,
                FaultKind::Unavailable
                | FaultKind::Full
                | FaultKind::Damaged
                | FaultKind::Refused => Remedy::Disconnect,
            },
        }
    }

    /// The same for a commit, whose outcome is not known when the connection is lost.
    pub(super) fn at_commit(self) -> Self {
        match self {
            Self::Database(error) if FaultKind::of(&error) == FaultKind::Lost => {
                Self::Unknown(error)
            }
            other => other,
        }
    }

    /// Adds the store and the operation.
    pub(super) fn into_error(self, store: &str, doing: &'static str) -> Error {
        let store = store.to_owned();
        let (kind, source): (_, Source) = match self {
            Self::Answer(error) => return error,
            Self::Unavailable(source) => (FaultKind::Unavailable, source),
            Self::Damaged(source) => (FaultKind::Damaged, source),
            Self::Unknown(error) => (FaultKind::Lost, Arc::new(error)),
            Self::Database(error) => (FaultKind::of(&error), Arc::new(error)),
        };
        match kind {
            FaultKind::Conflict | FaultKind::Ended | FaultKind::Lost | FaultKind::Unavailable => {
                Error::Unavailable {
                    store,
                    doing,
                    source,
                }
            }
            FaultKind::Full => Error::Full {
                store,
                doing,
                source,
            },
            FaultKind::Damaged => Error::Damaged {
                store,
                doing,
                source,
            },
            FaultKind::Unstorable => Error::Unstorable {
                what: super::address::chain(&*source),
            },
            FaultKind::Refused => Error::Refused {
                store,
                doing,
                source,
            },
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Answer(error)
    }
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        Self::damaged(damage)
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FaultKind {
    Conflict,
    Ended,
    Lost,
    Unavailable,
    Full,
    Damaged,
    Unstorable,
    Refused,
}

impl FaultKind {
    fn of(error: &tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            let source = std::error::Error::source(error);
            let cut = source.is_some_and(|source| source.is::<std::io::Error>());
            return if error.is_closed() || cut {
                Self::Lost
            } else {
                Self::Refused
            };
        };
        // Rows that another transaction has removed or added meanwhile are reported as the
        // violation of a key, because keys are looked up in committed rows and not in the snapshot.
        // A retry sees them.
        const CONFLICTS: [SqlState; 4] = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::FOREIGN_KEY_VIOLATION,
            SqlState::UNIQUE_VIOLATION,
        ];
        // The server sends these instead of the result of a request that was not done. A request
        // that was done here, but not yet on other servers, gets no response at all.
        const ENDED: [SqlState; 3] = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            SqlState::IDLE_SESSION_TIMEOUT,
        ];
        const LATER: [SqlState; 3] = [
            SqlState::QUERY_CANCELED,
            SqlState::LOCK_NOT_AVAILABLE,
            // A server that has become a replica.
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ];
        const TEXTS: [SqlState; 2] = [
            SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            SqlState::UNTRANSLATABLE_CHARACTER,
        ];
        if CONFLICTS.contains(code) {
            Self::Conflict
        } else if ENDED.contains(code) {
            Self::Ended
        } else if *code == SqlState::DISK_FULL {
            Self::Full
        } else if *code == SqlState::CRASH_SHUTDOWN {
            Self::Lost
        } else if LATER.contains(code) {
            Self::Unavailable
        } else if TEXTS.contains(code) {
            Self::Unstorable
        } else if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code) {
            Self::Damaged
        } else {
            // Classes: connection, resources, the server's limits, its system.
            match code.code().get(..2) {
                Some("08") => Self::Lost,
                Some("53" | "58") => Self::Unavailable,
                Some("54") => Self::Unstorable,
                _ => Self::Refused,
            }
        }
    }
}
