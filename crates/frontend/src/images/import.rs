//! Imports of a file system, from the body of a request or from a URL.

use std::convert::Infallible;
use std::time::Duration;

use hyper::Response;
use hyper::http::request::Parts;
use sockerless_images::{ImportRequest, Imported, Progress};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::load::until_staged;
use super::transfer;
use crate::answer::Body;
use crate::frontend::Frontend;
use crate::message::Message;
use crate::status::Failure;
use crate::stream::{self, Step, Work};
use crate::upload::Upload;

/// How long silence does not count at the beginning of a download, so that a refusal by a slow
/// server is a status.
const PATIENCE: Duration = Duration::from_secs(20);

/// The half of `POST /images/create` that makes an image of the body.
pub(super) async fn body(
    frontend: &Frontend,
    parts: &Parts,
    mut upload: Upload,
    request: ImportRequest,
) -> Result<Response<Body>, Failure> {
    let images = frontend.images.clone();
    let waiting = until_staged(upload.dropped(), images.stages());
    let work = async move { Ok(images.import(upload, request).await?) };
    let (_, no_events) = mpsc::channel::<Infallible>(1);
    let work = Work::new(work, no_events).patient_until(waiting);
    stream::answer(parts, work, |step| match step {
        Step::Update(never) => match never {},
        Step::Done(done) => imported(&done),
    })
    .await
}

/// The half that makes an image of the file system at a URL.
pub(super) async fn url(
    frontend: &Frontend,
    parts: &Parts,
    url: String,
    request: ImportRequest,
) -> Result<Response<Body>, Failure> {
    let images = frontend.images.clone();
    let (progress, events) = Progress::channel();
    let work = async move { Ok(images.import_url(&url, request, &progress).await?) };
    let work = Work::new(work, events).patient_until(sleep(PATIENCE));
    stream::answer(parts, work, |step| match step {
        Step::Update(update) => transfer::lines(update),
        Step::Done(done) => imported(&done),
    })
    .await
}

/// The lines of a finished import.
fn imported(imported: &Imported) -> Vec<Message> {
    let hint = imported.is_image_archive.then(|| {
        Message::status(
            "this looks like an image archive: its images are loaded with `docker load`, and an \
             import makes one layer of it",
        )
    });
    // Clients read the ID from the last line.
    let id = Message::status(imported.id.to_string());
    hint.into_iter().chain([id]).collect()
}
