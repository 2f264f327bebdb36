//! `POST /containers/{name}/rename`: renames a container.

use hyper::{Response, StatusCode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `POST /containers/{name}/rename`.
pub(crate) async fn rename(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let params = call.params()?;
    let new = params.get("name").unwrap_or_default();
    frontend.containers.rename(name, new).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
