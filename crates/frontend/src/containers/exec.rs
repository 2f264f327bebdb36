//! `/exec/…`: commands in a container, of which there are none.

use hyper::Response;

use super::run::no_backend;
use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// Any endpoint of an exec instance: there are none.
pub(crate) async fn exec(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    Err(no_backend())
}
