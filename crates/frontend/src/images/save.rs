//! `GET /images/get` and `GET /images/{name}/get`: saved archives.

use std::time::Instant;

use futures_util::{StreamExt, stream};
use hyper::header::HeaderValue;
use hyper::{Method, Response};
use sockerless_images::SaveRequest;
use tracing::{Instrument, Span};

use crate::answer::{self, Body, Broken};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;

const TAR: HeaderValue = HeaderValue::from_static("application/x-tar");

/// `GET /images/{name}/get`: an image as an archive; of a name without a tag all its tags.
pub(crate) async fn save(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name").to_owned();
    archive(frontend, &call, vec![name]).await
}

/// `GET /images/get`: any images as one archive.
pub(crate) async fn save_several(
    frontend: &Frontend,
    call: Call,
) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let names = params.all("names").map(str::to_owned).collect();
    archive(frontend, &call, names).await
}

/// An error before the first byte is a status. A later one ends the connection: a message written
/// into the archive could be taken for a part of it.
async fn archive(
    frontend: &Frontend,
    call: &Call,
    names: Vec<String>,
) -> Result<Response<Body>, Failure> {
    let begun = Instant::now();
    let platforms = platform::of_archive(call.version, &call.params()?)?;
    let wanted = listed(&names);
    let request = SaveRequest { names, platforms };
    let mut pieces = frontend.images.save(request).await?;
    call.cut_when(pieces.revoked());
    let first = pieces.next().await.transpose()?;
    let pieces = Box::pin(stream::iter(first.map(Ok)).chain(pieces));
    let sending = Sending {
        method: call.parts.method.clone(),
        path: call.parts.uri.path().to_owned(),
        images: wanted,
        begun,
        bytes: 0,
    };
    // Logs while the archive is sent belong to the request too.
    let span = Span::current();
    let pieces = stream::unfold(Some((pieces, sending)), move |state| {
        let next = async {
            let (mut pieces, mut sending) = state?;
            match pieces.next().await {
                Some(Ok(piece)) => {
                    sending.bytes += piece.len() as u64;
                    Some((Ok(piece), Some((pieces, sending))))
                }
                Some(Err(error)) => {
                    Failure::from(error).log(&sending.method, &sending.path);
                    Some((Err(Broken), None))
                }
                None => {
                    sending.done();
                    None
                }
            }
        };
        next.instrument(span.clone())
    });
    Ok(answer::stream(TAR, pieces))
}

/// An archive that is being sent.
struct Sending {
    method: Method,
    path: String,
    images: String,
    begun: Instant,
    bytes: u64,
}

impl Sending {
    /// Logs that all of it was sent.
    fn done(&self) {
        tracing::info!(
            images = self.images,
            bytes = self.bytes,
            milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "images saved"
        );
    }
}

/// The requested names for the log: only the first of many.
fn listed(names: &[String]) -> String {
    const NAMES: usize = 8;
    let mut text = names
        .iter()
        .take(NAMES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = names.len().saturating_sub(NAMES);
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
