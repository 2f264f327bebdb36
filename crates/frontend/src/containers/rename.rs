use hyper::{Response, StatusCode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `POST /containers/{name}/rename`.
pub(crate) async fn rename(
    frontend: &Frontend,
    call: &Call,
    name: &str,
) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let new = params.get("name").unwrap_or_default();
    frontend.images.rename_container(name, new).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
