//! `/exec/…`: what runs in a container.

use hyper::Response;

use super::run::no_backend;
use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// Any endpoint of something that runs in a container: nothing does.
pub(crate) async fn exec(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    Err(no_backend())
}
