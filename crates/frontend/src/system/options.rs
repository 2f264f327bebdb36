//! `OPTIONS` of any path.

use hyper::{Response, StatusCode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `OPTIONS` of any path: an empty response, as in Docker.
pub(crate) async fn options(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    Ok(answer::empty(StatusCode::OK))
}
