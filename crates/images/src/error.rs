//! The error of this crate: a kind that a caller can act on, and a message for the client.

use std::error::Error as StdError;
use std::time::Duration;

use sockerless_reference::Query;

/// Why an operation failed.
///
/// `message` is for the client, in Docker's words where clients match on them; the source is for
/// the log and may have more details.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    message: String,
    /// Whether the fault is in what the client sent, and not in this daemon.
    blames_input: bool,
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
    /// Something that is needed cannot be reached now.
    Unavailable,
    /// This is not supported.
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
            blames_input: false,
            source: None,
        }
    }

    /// An error of something here, or of input that is broken.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// Docker's message for a prune while another one runs.
    pub fn already_pruning() -> Self {
        Self::new(Kind::Conflict, "a prune operation is already running")
    }

    /// Whether the fault is in what the client sent, such as an archive: then the operator of this
    /// daemon need not do anything.
    pub fn blames_input(&self) -> bool {
        self.blames_input
    }

    /// The same error with its source.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error, with a hint at the end of its message.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: &str) -> Self {
        self.message.push_str(": ");
        self.message.push_str(hint);
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The message for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same error with another kind.
    pub(crate) fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same error with another message.
    pub(crate) fn with_message(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// The error of a registry that is the source, if there is one.
    pub(crate) fn registry_source(&self) -> Option<&sockerless_registry::Error> {
        self.source.as_deref()?.downcast_ref()
    }

    /// How long to wait before the next request, if the registry said so.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.registry_source()?.retry_after()
    }

    /// Docker's message for an image that does not exist.
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

/// The message does not say where the state is kept: it goes to every client, and only the log may
/// have that.
impl From<sockerless_state::Error> for Error {
    fn from(error: sockerless_state::Error) -> Self {
        use sockerless_state::Error as E;
        let (kind, said) = match &error {
            // The state is intact, and the same request may succeed later.
            E::Unavailable { .. }
            | E::Unreachable { .. }
            | E::AccessDenied { .. }
            | E::ReadOnly { .. } => (
                Kind::Unavailable,
                "it cannot be used now. Try again; the daemon's log says why".to_owned(),
            ),
            E::Full { .. } => (
                Kind::Unavailable,
                "no space left on its disk. Remove images (`docker image prune`, `docker rmi`), or \
                 make room on the disk of --data-root"
                    .to_owned(),
            ),
            E::Damaged { .. } => (
                Kind::Internal,
                "it is damaged. `sockerless check --deep` says how, and so does the daemon's log"
                    .to_owned(),
            ),
            E::Ambiguous { .. } | E::Incomplete { .. } | E::Unstorable { .. } => {
                (Kind::Internal, error.to_string())
            }
            _ => (Kind::Internal, "the daemon's log says why".to_owned()),
        };
        Self::new(kind, format!("the image state failed: {said}")).with_source(error)
    }
}

impl From<sockerless_content::Error> for Error {
    fn from(error: sockerless_content::Error) -> Self {
        let message = match &error {
            sockerless_content::Error::Full { .. } => error.to_string(),
            _ => format!("the content store failed: {error}"),
        };
        Self::new(Kind::Internal, message).with_source(error)
    }
}

impl From<sockerless_archive::Error> for Error {
    fn from(error: sockerless_archive::Error) -> Self {
        use sockerless_archive::{DecodeError, Error as E, LayerFault};
        let (kind, blames_input) = match &error {
            // The client disconnected or sent a broken request: nothing failed here.
            E::Decode {
                source: DecodeError::Source(_),
            }
            | E::FileSystem {
                source: LayerFault::Decode(DecodeError::Source(_)),
            } => (Kind::InvalidParameter, true),
            E::OutOfMemory(_) => (Kind::Unavailable, false),
            E::Content(_) | E::Panicked => (Kind::Internal, false),
            _ => (Kind::Internal, true),
        };
        let mut this = Self::new(kind, error.to_string()).with_source(error);
        this.blames_input = blames_input;
        this
    }
}
