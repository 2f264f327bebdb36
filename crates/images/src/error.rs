use std::error::Error as StdError;
use std::time::Duration;

use sockerless_reference::Query;

/// Why what was asked could not be done.
///
/// `message` is for the client, in Docker's words where clients match on them; the source is for
/// the log and may tell more.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    message: String,
    /// Whether what the client sent is broken, and nothing here.
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
            blames_input: false,
            source: None,
        }
    }

    /// An error of something here, or of input that is broken.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// Docker's words for a pruning while another one runs.
    pub fn already_pruning() -> Self {
        Self::new(Kind::Conflict, "a prune operation is already running")
    }

    /// Whether what the client sent is broken, such as an archive, and nothing here: then nobody who
    /// looks after this daemon need do anything.
    pub fn blames_input(&self) -> bool {
        self.blames_input
    }

    /// The same with what it comes from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same, followed by what to do.
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

/// The message names no place: it goes to every client, and where the state is kept is for those
/// alone who read the log.
impl From<sockerless_state::Error> for Error {
    fn from(error: sockerless_state::Error) -> Self {
        use sockerless_state::Error as E;
        let (kind, said) = match &error {
            // What is kept is well, and the same may succeed later.
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
            // The client left or broke its own request: nothing here failed.
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
