//! What fuzz targets call and nothing else does.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use sockerless_oci::json::decode;
use tokio::time::Instant;

use crate::auth::parse_token;
use crate::manifest::agree;
use crate::refusal::Refusal;
use crate::tags::Page;

/// What the answers of a registry and its token server are read as.
#[derive(Debug)]
pub struct Answers {
    /// The refusal with this body, as a message has it.
    pub refusal: String,
    /// The token with this body, if it is one.
    pub token: Option<String>,
    /// The media type of the manifest with this body, if it tells one.
    pub media_type: Option<String>,
    /// How many tags there are in the list with this body, if it is one.
    pub tags: Option<usize>,
}

/// Reads a body in every way in which an answer is read.
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
