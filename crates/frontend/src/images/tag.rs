//! `POST /images/{name}/tag`: gives an image another name.

use hyper::{Response, StatusCode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `POST /images/{name}/tag`: one more name for an image.
pub(crate) async fn tag(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let query = call.params()?;
    let params = query.with_form(call.upload.form().await?);
    let repository = params.non_empty("repo").ok_or_else(|| {
        Failure::bad_request(
            "the parameter repo is missing: give the name that the image is to have",
        )
    })?;
    let tag = params.get("tag").unwrap_or_default();
    frontend.images.tag(name, repository, tag).await?;
    Ok(answer::empty(StatusCode::CREATED))
}
