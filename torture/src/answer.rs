use sockerless_testkit::http::Response;

use crate::settling::Mark;

/// What a client knows after a request.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A whole answer that is no fault of the daemon: a status below 500.
    Answer(Response),
    /// The daemon failed, or the connection broke. What was asked for may have happened.
    Failed(Failure),
    /// Nobody took the request.
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
