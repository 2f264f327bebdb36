use hyper::header::HeaderName;
use hyper::http::request::Parts;

use crate::ending::Ending;
use crate::query::Params;
use crate::status::Failure;
use crate::upload::Upload;
use crate::version::ApiVersion;

const REGISTRY_AUTH: HeaderName = HeaderName::from_static("x-registry-auth");

/// A request that has a route and a version that is served.
pub(crate) struct Call {
    pub(crate) parts: Parts,
    pub(crate) version: ApiVersion,
    pub(crate) upload: Upload,
    /// Tells when the daemon wants its connection to end.
    pub(crate) ending: Ending,
}

impl Call {
    /// Credentials for the registry, as the client sent them; what is no text is none, as in
    /// Docker.
    pub(crate) fn registry_auth(&self) -> Option<String> {
        let header = self.parts.headers.get(REGISTRY_AUTH)?;
        header.to_str().ok().map(str::to_owned)
    }

    /// The parameters of the query.
    pub(crate) fn params(&self) -> Result<Params, Failure> {
        Params::parse(self.parts.uri.query().unwrap_or_default())
            .map_err(|error| Failure::bad_request(error.to_string()))
    }
}
