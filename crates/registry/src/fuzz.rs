//! Entry points for fuzz targets only.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use sockerless_oci::json::decode;
use tokio::time::Instant;

use crate::auth::parse_token;
use crate::manifest::agree;
use crate::refusal::Refusal;
use crate::tags::Page;

/// A reply of a registry or token server, parsed in every way.
#[derive(Debug)]
pub struct Answers {
    /// The message of an error reply with this body.
    pub refusal: String,
    /// The token, if the body is one.
    pub token: Option<String>,
    /// The media type, if the body is a manifest with one.
    pub media_type: Option<String>,
    /// The number of tags, if the body is a list of tags.
    pub tags: Option<usize>,
}

/// Parses a body in every way in which replies are parsed.
pub fn answers(body: &[u8]) -> Answers {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    let token = parse_token(body, Instant::now());
    Answers {
        refusal: Refusal::new(StatusCode::BAD_REQUEST, &headers, body).to_string(),
        token: token.ok().map(|token| token.text.expose().to_owned()),
        media_type: agree(None, body).ok(),
        tags: decode(body).ok().map(|page: Page| page.tags.len()),
    }
}
