//! One request: route, API version, handler, common headers, log.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, HeaderName, HeaderValue, LOCATION, SERVER, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tracing::Instrument;

use crate::answer::{self, Answering, Body};
use crate::call::Call;
use crate::connection::{Exchange, Fault, Room};
use crate::frontend::Frontend;
use crate::request_id::{self, RequestId};
use crate::route::{Reject, Route, Routed, route};
use crate::status::Failure;
use crate::upload::Upload;
use crate::version::{ApiVersion, VersionError};

const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const DOCKER_EXPERIMENTAL: HeaderName = HeaderName::from_static("docker-experimental");
const OSTYPE: HeaderName = HeaderName::from_static("ostype");

/// Serves any request, and logs it. Everything that is logged meanwhile, also while the response is
/// sent, has the ID of the request.
pub(crate) async fn answer(
    frontend: &Frontend,
    request: Request<Incoming>,
    exchange: Arc<Exchange>,
) -> Response<Answering<Body>> {
    let id = RequestId::of(request.headers());
    // At the level of errors, so that these have it at every log level.
    let span = tracing::error_span!("request", id = %id);
    let answered = answer_in_span(frontend, request, exchange).instrument(span);
    let mut response = answered.await;
    response.headers_mut().insert(request_id::HEADER, id.into());
    response
}

async fn answer_in_span(
    frontend: &Frontend,
    request: Request<Incoming>,
    exchange: Arc<Exchange>,
) -> Response<Answering<Body>> {
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let method = parts.method.clone();
    let path = parts.uri.path().to_owned();
    let (upload, rest) = Upload::new(body, &parts.headers, frontend.images.patience());

    let dispatched = match exchange.take_fault() {
        Some(fault) => Err(refuse_head(frontend, &fault)),
        None => dispatch(frontend, parts, upload, Arc::clone(&exchange)).await,
    };
    let mut response = match dispatched {
        Ok(response) => response,
        Err(refused) => {
            refused.failure.log(&method, &path);
            refused.response
        }
    };
    rest.settle(&mut response);
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        exchange.hijack();
    }
    if exchange.room() == Room::Door {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    tracing::debug!(
        %method,
        path,
        status = response.status().as_u16(),
        milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
    response.map(|body| Answering::new(body, exchange))
}

/// The response to a head that was refused.
fn refuse_head(frontend: &Frontend, fault: &Fault) -> Refused {
    let mut refused = Refused::from(Failure::of_status(fault.status(), fault.to_string()));
    add_headers(frontend, &mut refused.response);
    refused
}

/// A [`Failure`] with its response.
struct Refused {
    failure: Failure,
    response: Response<Body>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        let response = answer::error(failure.status, &failure.message);
        Self { failure, response }
    }
}

impl Refused {
    /// The failure in the form for clients of `version`.
    fn of(failure: Failure, version: ApiVersion) -> Self {
        if version.has_json_errors() {
            return failure.into();
        }
        Self::in_text(failure)
    }

    /// The failure in plain text, for clients that read nothing else.
    fn in_text(failure: Failure) -> Self {
        let mut response = answer::text(failure.status, format!("{}\n", failure.message));
        response
            .headers_mut()
            .insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Self { failure, response }
    }
}

async fn dispatch(
    frontend: &Frontend,
    parts: Parts,
    upload: Upload,
    exchange: Arc<Exchange>,
) -> Result<Response<Body>, Refused> {
    let Routed {
        version,
        route,
        captures,
    } = match route(parts.method.as_str(), parts.uri.path()) {
        Ok(routed) => routed,
        Err(Reject::Unclean { location }) => return Ok(redirect(location, parts.uri.query())?),
        Err(Reject::Unknown) => return Err(Failure::page_not_found().into()),
        Err(Reject::Escape { escape }) => {
            return Err(Failure::bad_request(format!("invalid URL escape {escape:?}")).into());
        }
    };
    let version = match ApiVersion::negotiate(version.as_deref()) {
        Ok(version) => version,
        Err(error) => {
            let mut refused = refuse_version(&error);
            add_headers(frontend, &mut refused.response);
            return Err(refused);
        }
    };
    let room = exchange.room();
    let call = Call {
        parts,
        version,
        route,
        captures,
        upload,
        exchange,
    };
    let result = match room {
        Room::Door if !route.is_at_the_door() => Err(Failure::of_status(
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "all {} connections have a request that runs: try again, or allow more with \
                 --max-connections",
                frontend.crowd.places()
            ),
        )),
        Room::Inside | Room::Door => match check_version(&call, route) {
            Ok(()) => (route.handler)(frontend, call).await,
            Err(failure) => Err(failure),
        },
    };
    let mut result = result.map_err(|failure| Refused::of(failure, version));
    let response = match &mut result {
        Ok(response) => response,
        Err(refused) => &mut refused.response,
    };
    add_headers(frontend, response);
    response
        .headers_mut()
        .insert(DOCKER_EXPERIMENTAL, HeaderValue::from_static("false"));
    result
}

/// Refuses a call of a version that is older than the route.
fn check_version(call: &Call, route: &Route) -> Result<(), Failure> {
    match route.minimum() {
        Some(minor) if !call.version.at_least(minor) => Err(Failure::bad_request(format!(
            "{} requires minimum API version 1.{minor}",
            route.endpoint()
        ))),
        _ => Ok(()),
    }
}

/// Docker responds to clients that are too old in plain text, because they read nothing else.
fn refuse_version(error: &VersionError) -> Refused {
    let failure = Failure::bad_request(error.to_string());
    match error {
        VersionError::TooNew { .. } => failure.into(),
        VersionError::TooOld { .. } => Refused::in_text(failure),
    }
}

fn redirect(mut location: String, query: Option<&str>) -> Result<Response<Body>, Failure> {
    if let Some(query) = query {
        location.push('?');
        location.push_str(query);
    }
    let location = HeaderValue::try_from(location)
        .map_err(|error| Failure::internal("the path cannot be redirected", &error))?;
    let mut response = answer::empty(StatusCode::MOVED_PERMANENTLY);
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

fn add_headers(frontend: &Frontend, response: &mut Response<Body>) {
    let os = &frontend.config.platform.os;
    let server = format!("Sockerless/{} ({os})", frontend.config.version);
    for (name, value) in [
        (SERVER, server),
        (API_VERSION, ApiVersion::MAX.to_string()),
        (OSTYPE, os.clone()),
    ] {
        // An invalid header value could only come from the command line, which rejects it.
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
}
