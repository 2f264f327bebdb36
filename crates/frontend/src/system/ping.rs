//! `GET` and `HEAD /_ping`.

use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, HeaderName, HeaderValue, PRAGMA};
use hyper::{Method, Response, StatusCode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET` and `HEAD /_ping`: the daemon is alive, and headers for version negotiation.
pub(crate) async fn ping(_: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let is_head = call.parts.method == Method::HEAD;
    let mut response = answer::text(StatusCode::OK, if is_head { "" } else { "OK" });
    let headers = response.headers_mut();
    if is_head {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store, must-revalidate"),
    );
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    for (name, value) in [("builder-version", "2"), ("swarm", "inactive")] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    Ok(response)
}
