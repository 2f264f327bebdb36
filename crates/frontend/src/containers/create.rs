//! `POST /containers/create`: records a container.

use hyper::header::CONTENT_TYPE;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::body;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;

/// The largest body.
const BODY_BYTES: usize = 4 << 20;

/// `POST /containers/create`: records a container, which never runs here.
pub(crate) async fn create(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let content_type = call.parts.headers.get(CONTENT_TYPE);
    let content_type = content_type.map_or(&[][..], |value| value.as_bytes());
    let content_type = String::from_utf8_lossy(content_type).into_owned();
    let platform = platform::of_container(call.version, &params, frontend.images.platform())?;
    let too_large = "the request body is too large: at most 4 MiB are read";
    let bytes = call.upload.whole(BODY_BYTES, too_large).await?;
    check_type(&content_type, &bytes)?;
    let mut request = body::parse(&bytes)?;
    request.platform = platform;
    params
        .get("name")
        .unwrap_or_default()
        .clone_into(&mut request.name);
    let created = frontend.containers.create(request).await?;
    let mut response = answer::json(&Created {
        id: created.id,
        warnings: created.warnings,
    })?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// A body must have the type of JSON; the error has Docker's message. Without a body the type does
/// not matter.
fn check_type(content_type: &str, body: &[u8]) -> Result<(), Failure> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_absent = content_type.is_empty() && body.is_empty();
    if is_absent || media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::bad_request(format!(
        "unsupported Content-Type header ({content_type}): must be 'application/json'"
    )))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    id: String,
    warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        for (content_type, body) in [
            ("application/json", "{}"),
            ("Application/JSON ; charset=utf-8", "{}"),
            ("", ""),
        ] {
            let checked = check_type(content_type, body.as_bytes());
            checked
                .map_err(|failure| failure.message)
                .expect(content_type);
        }
        for content_type in ["", "text/plain", "application/jsonx"] {
            let failure = check_type(content_type, b"{}").expect_err(content_type);
            assert_eq!(failure.status, StatusCode::BAD_REQUEST);
            assert_eq!(
                failure.message,
                format!(
                    "unsupported Content-Type header ({content_type}): must be 'application/json'"
                )
            );
        }
        check_type("text/plain", b"").expect_err("another type");
    }

    #[test]
    fn answers() {
        let created = Created {
            id: "abc".to_owned(),
            warnings: Vec::new(),
        };
        let text = serde_json::to_string(&created).expect("JSON");
        assert_eq!(text, r#"{"Id":"abc","Warnings":[]}"#);
    }
}
