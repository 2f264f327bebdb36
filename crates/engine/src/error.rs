use std::error::Error as StdError;
use std::time::Duration;

use sockerless_reference::Query;

/// Why the engine could not do what was asked.
///
/// `message` is for the client, in Docker's words where clients match on them; the source is for
/// the log and may tell more.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What a caller can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for does not exist.
    NotFound,
    /// The request is wrong; the same request will never succeed.
    InvalidParameter,
    /// The request contradicts what there is.
    Conflict,
    /// Credentials are missing or wrong.
    Unauthorized,
    /// Credentials do not allow it.
    Forbidden,
    /// A part that is needed does not answer now.
    Unavailable,
    /// This is not served.
    NotImplemented,
    /// The input is broken or something here failed.
    Internal,
}

impl Error {
    /// An error with a message for the client.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// The same with what it comes from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the client is told.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same, but something else can be done about it.
    pub(crate) fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same with another message.
    pub(crate) fn with_message(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// What a registry said, if that is what it comes from.
    pub(crate) fn registry_source(&self) -> Option<&sockerless_registry::Error> {
        self.source.as_deref()?.downcast_ref()
    }

    /// How long the registry that refused wants not to be asked again.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.registry_source()?.retry_after()
    }

    /// Docker's words for an image that is not here.
    pub(crate) fn no_such_image(query: &Query) -> Self {
        Self::new(Kind::NotFound, format!("No such image: {query}"))
    }

    /// An error of the state while `query` was looked up: a prefix of several IDs finds none, as
    /// in Docker.
    pub(crate) fn state(error: sockerless_state::Error, query: &Query) -> Self {
        match error {
            sockerless_state::Error::Ambiguous { .. } => {
                Self::no_such_image(query).with_source(error)
            }
            error => error.into(),
        }
    }
}

impl From<sockerless_state::Error> for Error {
    fn from(error: sockerless_state::Error) -> Self {
        let mut message = format!("the image state failed: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        use sockerless_state::Error::{AccessDenied, ReadOnly, Unavailable, Unreachable};
        let kind = match &error {
            // What is kept is well, and the same may succeed later.
            Unavailable { .. } | Unreachable { .. } | AccessDenied { .. } | ReadOnly { .. } => {
                Kind::Unavailable
            }
            _ => Kind::Internal,
        };
        Self::new(kind, message).with_source(error)
    }
}

impl From<sockerless_content::Error> for Error {
    fn from(error: sockerless_content::Error) -> Self {
        Self::new(Kind::Internal, format!("the content store failed: {error}")).with_source(error)
    }
}

impl From<sockerless_archive::Error> for Error {
    fn from(error: sockerless_archive::Error) -> Self {
        use sockerless_archive::{DecodeError, Error::Decode, Error::FileSystem, LayerFault};
        let kind = match &error {
            // The client left or broke its own request: nothing here failed.
            Decode {
                source: DecodeError::Source(_),
            }
            | FileSystem {
                source: LayerFault::Decode(DecodeError::Source(_)),
            } => Kind::InvalidParameter,
            _ => Kind::Internal,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
