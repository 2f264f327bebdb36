//! `GET /images/search`.

use hyper::Response;

use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /images/search`: not implemented.
pub(crate) async fn search(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    Err(Failure::not_implemented(
        "sockerless does not search registries: search on the registry's own site, then pull the \
         image by its name",
    ))
}
