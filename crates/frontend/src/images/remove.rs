//! `DELETE /images/{name}`: removes a name or an image.

use hyper::Response;
use sockerless_images::RemoveRequest;

use super::removed::Removed;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;

/// `DELETE /images/{name}`: removes a name, and the image with its last one.
///
/// `noprune` has no effect: there are no parents that could be removed too.
pub(crate) async fn remove(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    if name.trim().is_empty() {
        return Err(Failure::bad_request("image name cannot be blank"));
    }
    let params = call.params()?;
    let request = RemoveRequest {
        name: name.to_owned(),
        force: params.flag("force"),
        platforms: platform::of_removal(call.version, &params)?,
    };
    let removed = frontend.images.remove(request).await?;
    let removed: Vec<Removed> = removed.into_iter().map(Into::into).collect();
    answer::json(&removed)
}
