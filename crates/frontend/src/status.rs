//! Errors as responses: the one place where kinds become HTTP statuses.

use std::error::Error as StdError;

use hyper::{Method, StatusCode};
use sockerless_images::Kind;

use crate::brief::brief;

/// An error on its way to the client.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// For the client.
    pub(crate) message: String,
    /// For the log: the sources of the error, outermost first.
    pub(crate) causes: Vec<String>,
    /// Whether the fault is in what the client sent, and not in this daemon.
    pub(crate) blames_input: bool,
}

impl Failure {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, message)
    }

    /// For a response that cannot be built; the cause is for the log only.
    pub(crate) fn internal(message: impl Into<String>, cause: &dyn StdError) -> Self {
        let mut failure = Self::new(StatusCode::INTERNAL_SERVER_ERROR, message);
        failure.causes = chain(Some(cause));
        failure
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn page_not_found() -> Self {
        Self::not_found("page not found")
    }

    /// Logs a failure of this daemon as an error, and broken input of a client as a warning,
    /// because clients may retry without end. Refused requests and missing objects are neither.
    pub(crate) fn log(&self, method: &Method, path: &str) {
        let (status, message, causes) = (self.status.as_u16(), &self.message, &self.causes);
        let path = brief(path.to_owned());
        let is_fault = self.status.is_server_error() && self.status != StatusCode::NOT_IMPLEMENTED;
        if self.blames_input || self.status == StatusCode::BAD_REQUEST {
            tracing::warn!(%method, path, status, ?causes, "request refused: {message}");
        } else if is_fault {
            tracing::error!(%method, path, status, ?causes, "request failed: {message}");
        } else {
            tracing::info!(%method, path, status, ?causes, "request refused: {message}");
        }
    }

    /// For a status that no kind of error has.
    pub(crate) fn of_status(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, message)
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: brief(message.into()),
            causes: Vec::new(),
            blames_input: false,
        }
    }
}

impl From<sockerless_images::Error> for Failure {
    fn from(error: sockerless_images::Error) -> Self {
        Self {
            status: status(error.kind()),
            message: brief(error.message().to_owned()),
            // A cause that repeats the message is left out.
            causes: chain(error.source())
                .into_iter()
                .filter(|cause| cause != error.message())
                .collect(),
            blames_input: error.blames_input(),
        }
    }
}

fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::InvalidParameter => StatusCode::BAD_REQUEST,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn chain(mut error: Option<&dyn StdError>) -> Vec<String> {
    let mut causes = Vec::new();
    while let Some(cause) = error {
        causes.push(brief(cause.to_string()));
        error = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use sockerless_images::Error;

    use super::*;

    #[test]
    fn an_error_keeps_its_words_and_its_causes() {
        let cause = std::io::Error::other("disk on fire");
        let failure = Failure::from(Error::new(Kind::Conflict, "it is in use").with_source(cause));
        assert_eq!(failure.status, StatusCode::CONFLICT);
        assert_eq!(failure.message, "it is in use");
        assert_eq!(failure.causes, ["disk on fire"]);
    }
}
