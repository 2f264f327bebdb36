//! Reasons to refuse the head of a request, each with a message and a status.

use std::time::Duration;

use hyper::StatusCode;

use super::target::TARGET_BYTES;

/// Why the head of a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Anything that no rule below covers.
    #[error("the request is no valid HTTP: {0}")]
    Malformed(String),
    /// Not HTTP/1.0 or HTTP/1.1.
    #[error("the request's HTTP version is not supported: send HTTP/1.1")]
    Version,
    /// A line that does not end in CR LF.
    #[error("a line of the request's head ends in LF alone: it must end in CR LF")]
    BareLineFeed,
    /// A byte that is not allowed in a target.
    #[error("invalid control character in URL: percent-encode it")]
    ControlCharacter,
    /// Longer than hyper reads.
    #[error(
        "the request's URL is longer than {TARGET_BYTES} bytes: ask for less at a time, or send \
         parameters as a form where the endpoint takes one"
    )]
    LongTarget,
    /// More than one `Host`.
    #[error("too many Host headers: send one")]
    Hosts,
    /// Anything but `chunked`, once.
    #[error("unsupported transfer encoding {0:?}: send the body as it is, or chunked")]
    TransferEncoding(String),
    /// Both a length and chunks.
    #[error("the request has both Content-Length and Transfer-Encoding: send one of them")]
    TwoLengths,
    /// Not a single number.
    #[error("bad Content-Length {0:?}: send one decimal number")]
    ContentLength(String),
    /// More headers than are read.
    #[error("the request has more than {0} headers")]
    ManyHeaders(usize),
    /// A head beyond `--max-head-bytes`.
    #[error("the request's head is larger than {0} bytes: --max-head-bytes allows more")]
    LargeHead(usize),
    /// All large heads together exceed their limit.
    #[error(
        "too many requests with large heads come at once: try again, or allow more with \
         --max-heads-bytes"
    )]
    LargeHeads,
    /// A head that does not end in time.
    #[error("the request's head did not end within {} seconds", .0.as_secs())]
    Slow(Duration),
    /// The connection had to make room for others.
    #[error(
        "all connections are taken, and this one had sent no whole request for the longest time: \
         try again, or allow more with --max-connections"
    )]
    Crowded,
}

impl Fault {
    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_)
            | Self::BareLineFeed
            | Self::ControlCharacter
            | Self::Hosts
            | Self::TransferEncoding(_)
            | Self::TwoLengths
            | Self::ContentLength(_) => StatusCode::BAD_REQUEST,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::LongTarget => StatusCode::URI_TOO_LONG,
            Self::ManyHeaders(_) | Self::LargeHead(_) => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::LargeHeads | Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
