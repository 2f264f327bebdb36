//! Failures inside a transaction, and their conversion to errors.

use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::Error;
use crate::column::Damage;
use crate::error::Source;

/// A failure inside a transaction, without the store and the operation.
#[derive(Debug)]
pub(super) enum Fault {
    /// An error for the caller.
    Answer(Error),
    /// Something outside SQLite prevents the store from working.
    Unavailable(Source),
    /// SQLite refused.
    Sqlite(rusqlite::Error),
    /// A row that this program never wrote.
    Damaged(Source),
}

impl Fault {
    pub(super) fn damaged(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Damaged(Arc::from(what.into()))
    }

    pub(super) fn unavailable(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(what.into()))
    }

    /// Adds the store and the operation.
    pub(super) fn into_error(self, store: &str, doing: &'static str) -> Error {
        let store = store.to_owned();
        match self {
            Self::Answer(error) => error,
            Self::Unavailable(source) => Error::Unavailable {
                store,
                doing,
                source,
            },
            Self::Damaged(source) => Error::Damaged {
                store,
                doing,
                source,
            },
            Self::Sqlite(error) => {
                let kind = FaultKind::of(&error);
                // Its own source repeats the message, with the number of the code.
                let source: Source = Arc::new(Said(error.to_string()));
                match kind {
                    FaultKind::Foreign => Error::Foreign {
                        store,
                        found: source.to_string(),
                    },
                    FaultKind::Damaged => Error::Damaged {
                        store,
                        doing,
                        source,
                    },
                    FaultKind::Unavailable => Error::Unavailable {
                        store,
                        doing,
                        source,
                    },
                    FaultKind::Full => Error::Full {
                        store,
                        doing,
                        source,
                    },
                    FaultKind::Refused => Error::Refused {
                        store,
                        doing,
                        source,
                    },
                }
            }
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

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// The message of SQLite.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

enum FaultKind {
    Foreign,
    Damaged,
    Unavailable,
    Full,
    Refused,
}

impl FaultKind {
    fn of(error: &rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match error {
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => Self::Damaged,
            _ => match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => Self::Foreign,
                Some(ErrorCode::DatabaseCorrupt) => Self::Damaged,
                Some(ErrorCode::DiskFull) => Self::Full,
                Some(
                    ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::OutOfMemory
                    | ErrorCode::ReadOnly
                    | ErrorCode::OperationInterrupted
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::CannotOpen
                    | ErrorCode::FileLockingProtocolFailed
                    | ErrorCode::PermissionDenied
                    | ErrorCode::AuthorizationForStatementDenied
                    | ErrorCode::NoLargeFileSupport,
                ) => Self::Unavailable,
                _ => Self::Refused,
            },
        }
    }
}
