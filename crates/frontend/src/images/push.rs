//! `POST /images/{name}/push`: pushes an image.

use hyper::Response;
use sockerless_images::{Progress, PushRequest};

use super::transfer;
use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;
use crate::stream::{self, Step, Work};

/// `POST /images/{name}/push`: one tag of a name, or all, to the registry that the name says.
pub(crate) async fn push(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let query = call.params()?;
    let auth = call.registry_auth();
    let params = query.with_form(call.upload.form().await?);
    let request = PushRequest {
        name: name.to_owned(),
        tag: params.get("tag").unwrap_or_default().to_owned(),
        platform: platform::of_image(call.version, 46, &params)?,
        auth,
    };
    let images = frontend.images.clone();
    let (progress, events) = Progress::channel();
    let work = async move { Ok(images.push(request, &progress).await?) };
    stream::answer(&call.parts, Work::new(work, events), |step| match step {
        Step::Update(update) => transfer::lines(update),
        Step::Done(()) => Vec::new(),
    })
    .await
}
