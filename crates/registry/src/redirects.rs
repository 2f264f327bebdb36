//! Following and counting the redirects of a request.

use http::header::LOCATION;
use http::{StatusCode, Uri};

use crate::error::Fault;
use crate::location;
use crate::transport::Reply;

/// Maximum number of redirects followed for one request.
const MOST: usize = 10;

/// The redirects of one request, counted.
#[derive(Debug, Default)]
pub(crate) struct Redirects(usize);

impl Redirects {
    /// The URL that `reply` redirects to; `None` if it is not a redirect.
    pub(crate) fn next(&mut self, reply: &Reply) -> Result<Option<Uri>, Fault> {
        match reply.status() {
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => {}
            status if status.is_redirection() => {
                return Err(Fault::Malformed(format!("status {status}")));
            }
            _ => return Ok(None),
        }
        if self.0 == MOST {
            return Err(Fault::Redirect(format!("more than {MOST} redirects")));
        }
        self.0 += 1;
        location::resolve_header(reply.url(), reply.headers().get(LOCATION)).map(Some)
    }
}
