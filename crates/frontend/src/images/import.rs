use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use hyper::Response;
use hyper::http::request::Parts;
use sockerless_engine::{Digest, ImportRequest};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::load::until_staged;
use crate::answer::Body;
use crate::frontend::Frontend;
use crate::message::Message;
use crate::status::Failure;
use crate::stream::{self, Step, Work};
use crate::upload::Upload;

/// Silence that does not count at the beginning of a download, so that a server that cannot be
/// reached is a status.
const PATIENCE: Duration = Duration::from_secs(20);

/// The half of `POST /images/create` that makes an image of the body.
pub(super) async fn body(
    frontend: &Frontend,
    parts: &Parts,
    mut upload: Upload,
    request: ImportRequest,
) -> Result<Response<Body>, Failure> {
    let engine = frontend.engine.clone();
    let waiting = until_staged(upload.dropped(), engine.stages());
    let work = async move { Ok(engine.import(upload, request).await?) };
    answer(parts, work, waiting).await
}

/// The half that makes an image of what a URL gives.
pub(super) async fn url(
    frontend: &Frontend,
    parts: &Parts,
    url: String,
    request: ImportRequest,
) -> Result<Response<Body>, Failure> {
    let engine = frontend.engine.clone();
    let work = async move { Ok(engine.import_url(&url, request).await?) };
    answer(parts, work, sleep(PATIENCE)).await
}

/// One line with the ID, when all is done.
async fn answer(
    parts: &Parts,
    work: impl Future<Output = Result<Digest, Failure>> + Send + 'static,
    waiting: impl Future<Output = ()> + Send + 'static,
) -> Result<Response<Body>, Failure> {
    let (_, no_events) = mpsc::channel::<Infallible>(1);
    let work = Work::new(work, no_events).patient_until(waiting);
    stream::answer(parts, work, |step| match step {
        Step::Event(never) => match never {},
        Step::Done(id) => vec![Message::status(id.to_string())],
    })
    .await
}
