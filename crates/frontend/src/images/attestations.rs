//! `GET /images/{name}/attestations`.

use hyper::Response;

use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /images/{name}/attestations`: not implemented, with the message of Docker without
/// containerd.
pub(crate) async fn attestations(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    Err(Failure::not_implemented(
        "the legacy image store does not support attestations",
    ))
}
