use sockerless_testkit::http::Response;

use crate::settling::Mark;

/// The outcome of a request for a client.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A complete response without a failure of the daemon: a status below 500.
    Answer(Response),
    /// The daemon failed, or the connection was lost. The operation may have been done.
    Failed(Failure),
    /// No daemon received the request.
    NotSent,
}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) why: String,
    /// When it can no longer happen.
    pub(crate) mark: Mark,
    /// Whether a fault explains it.
    pub(crate) is_explained: bool,
}
