//! `DELETE /containers/{name}`: removes a container.

use hyper::{Response, StatusCode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `DELETE /containers/{name}`. No container runs and none has volumes, so `force` and `v` have no
/// effect.
pub(crate) async fn remove(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    if call.params()?.flag("link") {
        return Err(Failure::not_implemented(
            "sockerless has no links between containers: leave out the parameter link",
        ));
    }
    frontend.containers.remove(name).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
