//! A request after routing, as endpoints receive it.

use std::sync::Arc;

use hyper::header::HeaderName;
use hyper::http::request::Parts;
use tokio::sync::oneshot;

use crate::connection::Exchange;
use crate::query::Params;
use crate::route::{Captures, Route};
use crate::status::Failure;
use crate::upload::Upload;
use crate::version::ApiVersion;

const REGISTRY_AUTH: HeaderName = HeaderName::from_static("x-registry-auth");

/// A request with a route and a supported version.
pub(crate) struct Call {
    pub(crate) parts: Parts,
    pub(crate) version: ApiVersion,
    pub(crate) route: &'static Route,
    /// The values of the variables of the route's pattern.
    pub(crate) captures: Captures,
    pub(crate) upload: Upload,
    /// The connection of the request.
    pub(crate) exchange: Arc<Exchange>,
}

impl Call {
    /// Credentials for the registry, as the client sent them; a header that is not text counts as
    /// none, as in Docker.
    pub(crate) fn registry_auth(&self) -> Option<String> {
        let header = self.parts.headers.get(REGISTRY_AUTH)?;
        header.to_str().ok().map(str::to_owned)
    }

    /// Closes the connection when `revoked` fires: its client reads the response too slowly, and
    /// others wait for its place.
    pub(crate) fn cut_when(&self, revoked: oneshot::Receiver<()>) {
        let exchange = Arc::clone(&self.exchange);
        let path = self.parts.uri.path().to_owned();
        tokio::spawn(async move {
            // An error means that the response has ended.
            if revoked.await.is_ok() {
                tracing::info!(path, "a client that takes its answer too slowly is cut off");
                exchange.cut();
            }
        });
    }

    /// The parameters of the query.
    pub(crate) fn params(&self) -> Result<Params, Failure> {
        Params::parse(self.parts.uri.query().unwrap_or_default())
            .map_err(|error| Failure::bad_request(error.to_string()))
    }
}
