//! The endpoints that would run a container: all of them are refused.

use hyper::Response;
use sockerless_containers::ContainerRow;

use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// Any endpoint that runs a container: not implemented.
///
/// A container that would be removed when it ends (`docker run --rm`) is removed when it cannot be
/// started, as in Docker. The docker CLI attaches first, and gives up when that fails.
pub(crate) async fn run(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let row = frontend.containers.get(call.captures.get("name")).await?;
    let path = call.parts.uri.path();
    let begins = ["/start", "/attach"].iter().any(|end| path.ends_with(end));
    if begins && is_removed_at_its_end(&row) {
        frontend.containers.remove(&row.id).await?;
        tracing::info!(container = row.id, "removed, as it cannot be started");
    }
    Err(no_backend())
}

fn is_removed_at_its_end(row: &ContainerRow) -> bool {
    let given = row.spec.host_config.as_ref();
    given.and_then(|given| given.auto_remove) == Some(true)
}

/// The failure of everything that would run.
pub(super) fn no_backend() -> Failure {
    Failure::not_implemented(
        "no execution backend is configured: this version of sockerless keeps images and \
         containers, and runs none. Run them with another engine, or build with a builder that is \
         not a container here (`docker buildx create --driver kubernetes` or `--driver remote`, and \
         `docker buildx build --load`)",
    )
}
