use futures_util::{StreamExt, stream};
use hyper::Response;
use hyper::header::HeaderValue;
use sockerless_engine::SaveRequest;

use crate::answer::{self, Body, Broken};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;

const TAR: HeaderValue = HeaderValue::from_static("application/x-tar");

/// `GET /images/{name}/get`: an image as an archive; of a name without a tag all its tags.
pub(crate) async fn save(
    frontend: &Frontend,
    call: &Call,
    name: &str,
) -> Result<Response<Body>, Failure> {
    archive(frontend, call, vec![name.to_owned()]).await
}

/// `GET /images/get`: any images as one archive.
pub(crate) async fn save_several(
    frontend: &Frontend,
    call: &Call,
) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let names = params.all("names").map(str::to_owned).collect();
    archive(frontend, call, names).await
}

/// What goes wrong before the first byte is a status. Later it ends the connection: anything that
/// would be written into the archive could be taken for a part of it.
async fn archive(
    frontend: &Frontend,
    call: &Call,
    names: Vec<String>,
) -> Result<Response<Body>, Failure> {
    let platforms = platform::of_archive(call.version, &call.params()?)?;
    let request = SaveRequest { names, platforms };
    let mut pieces = frontend.engine.save(request).await?;
    call.cut_when(pieces.revoked());
    let first = pieces.next().await.transpose()?;
    let (method, path) = (call.parts.method.clone(), call.parts.uri.path().to_owned());
    let pieces = stream::iter(first.map(Ok)).chain(pieces);
    let pieces = pieces.map(move |piece| {
        piece.map_err(|error| {
            Failure::from(error).log(&method, &path);
            Broken
        })
    });
    Ok(answer::stream(TAR, pieces))
}
