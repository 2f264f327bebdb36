//! Error replies: parsing their many forms, and classifying them.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};
use sockerless_oci::json::{decode, lenient};

use crate::auth::{TokenError, challenge};
use crate::error::{ErrorKind, REPEATED};
use crate::secret::Shown;

/// An error reply: its status and the registry's message.
///
/// Its text is Docker's, which clients match on: `denied: requested access to the resource is
/// denied`.
///
/// Registries, proxies before them and object stores behind them reply with JSON of several forms,
/// plain text, HTML, or nothing; all of that is accepted. Only JSON and plain text give a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    code: Option<String>,
    message: Option<String>,
    retry_after: Option<Duration>,
    /// Whether it refuses a token that was issued for the request.
    of_token: bool,
}

/// Longest message that is kept, in characters.
const MESSAGE_LENGTH: usize = 1024;

impl Refusal {
    pub(crate) fn new(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let (mut code, mut message) = words(headers, body);
        // The error of the challenge comes before that of the body, as in Docker.
        let offered = challenge::best(headers).filter(|_| status.is_client_error());
        match offered.and_then(|offer| offer.error) {
            Some(TokenError::Invalid) => (code, message) = (Some(UNAUTHORIZED.to_owned()), None),
            Some(TokenError::Scope) => (code, message) = (Some(DENIED.to_owned()), None),
            None => {}
        }
        Self {
            status: status.as_u16(),
            code,
            message,
            retry_after: headers
                .get(header::RETRY_AFTER)
                .and_then(|value| retry_after(value.to_str().ok()?, SystemTime::now())),
            of_token: false,
        }
    }

    /// Marks it as the reply to a token issued for this request: the client is authenticated but
    /// not authorized.
    pub(crate) fn of_token(self) -> Self {
        Self {
            of_token: true,
            ..self
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first error code, such as `MANIFEST_UNKNOWN`.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The message, on one line and of bounded length.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// How long the registry asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The kind of failure, by what can be done about it.
    ///
    /// The status decides, because codes vary: some registries send `UNKNOWN` for "not found".
    pub fn kind(&self) -> ErrorKind {
        let code = self.code.as_deref().unwrap_or_default();
        match self.status {
            _ if self.is_token_expired() => ErrorKind::Unauthorized,
            _ if self.is_tag_immutable() => ErrorKind::TagImmutable,
            401 if code == DENIED || self.of_token => ErrorKind::Denied,
            401 | 407 => ErrorKind::Unauthorized,
            403 => ErrorKind::Denied,
            404 => ErrorKind::NotFound,
            405 | 501 => ErrorKind::Unsupported,
            429 => ErrorKind::RateLimited,
            408 | 499 | 500..=599 => ErrorKind::Unavailable,
            _ if code == "TOOMANYREQUESTS" => ErrorKind::RateLimited,
            _ if code == "UNSUPPORTED" => ErrorKind::Unsupported,
            _ => ErrorKind::Invalid,
        }
    }

    /// The refusal without a message that repeats secrets sent to the registry.
    pub(crate) fn without(self, shown: &Shown) -> Self {
        let repeats = |text: &Option<String>| text.as_ref().is_some_and(|text| shown.is_in(text));
        if repeats(&self.code) || repeats(&self.message) {
            return Self {
                code: None,
                message: Some(REPEATED.to_owned()),
                ..self
            };
        }
        self
    }

    pub(crate) fn is_retryable(&self) -> bool {
        match self.status {
            501 | 505 => false,
            429 => !self.is_pull_limit(),
            408 | 499 | 500..=599 => true,
            _ => matches!(self.code(), Some("TOOMANYREQUESTS" | "UNAVAILABLE")),
        }
    }

    /// Docker Hub's pull limit counts hours: waiting for it inside a request is of no use.
    fn is_pull_limit(&self) -> bool {
        self.retry_after.is_none() && self.says("pull rate limit")
    }

    /// Amazon ECR says 403 (ECR Public: 400) where others say 401.
    pub(crate) fn is_token_expired(&self) -> bool {
        matches!(self.status, 400 | 403) && self.says("token has expired")
    }

    /// Whether a tag could not be moved: 400 on ECR, 403 on Docker Hub, 412 on Harbor.
    fn is_tag_immutable(&self) -> bool {
        match self.status {
            412 => true,
            400 | 403 | 409 => self.code() == Some("TAG_INVALID") || self.says("immutable"),
            _ => false,
        }
    }

    fn says(&self, words: &str) -> bool {
        self.message
            .as_ref()
            .is_some_and(|message| message.to_ascii_lowercase().contains(words))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = match (&self.code, self.status) {
            (Some(code), _) => Some(code.as_str()),
            (None, 401) => Some(UNAUTHORIZED),
            (None, 403) => Some(DENIED),
            (None, 429) => Some(TOO_MANY_REQUESTS),
            (None, _) => None,
        };
        if let Some(code) = code {
            let message = match &self.message {
                Some(message) => message,
                None => default_message(code),
            };
            let code = code.to_ascii_lowercase().replace('_', " ");
            return match message {
                "" => f.write_str(&code),
                message => write!(f, "{code}: {message}"),
            };
        }
        if self.status >= 500 {
            f.write_str("received unexpected HTTP status: ")?;
        }
        write!(f, "{}", self.status)?;
        let reason = StatusCode::from_u16(self.status).ok();
        if let Some(reason) = reason.and_then(|status| status.canonical_reason()) {
            write!(f, " {reason}")?;
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

const UNAUTHORIZED: &str = "UNAUTHORIZED";
const DENIED: &str = "DENIED";
const TOO_MANY_REQUESTS: &str = "TOOMANYREQUESTS";

/// The default message of a code, from the distribution specification, which clients match on.
fn default_message(code: &str) -> &'static str {
    match code {
        UNAUTHORIZED => "authentication required",
        DENIED => "requested access to the resource is denied",
        TOO_MANY_REQUESTS => "too many requests",
        "MANIFEST_UNKNOWN" => "manifest unknown",
        "NAME_UNKNOWN" => "repository name not known to registry",
        "BLOB_UNKNOWN" => "blob unknown to registry",
        _ => "",
    }
}

/// All forms of error documents in use, combined.
#[derive(Default)]
struct Document {
    errors: Vec<Entry>,
    // Token servers: an OAuth2 error, or a sentence under one of several names.
    error: Option<String>,
    error_description: Option<String>,
    message: Option<String>,
}

lenient!(Document {
    "errors" => errors: Vec<Entry>,
    "error" => error: String,
    "error_description" => error_description: String,
    "message" => message: String,
    "details" => message: String,
    "detail" => message: String,
});

#[derive(Default)]
struct Entry {
    code: Option<String>,
    message: Option<String>,
}

lenient!(Entry {
    "code" => code: String,
    "message" => message: String,
});

fn words(headers: &HeaderMap, body: &[u8]) -> (Option<String>, Option<String>) {
    if let Ok(document) = decode::<Document>(body) {
        if let Some(first) = document.errors.first() {
            let messages: Vec<_> = document
                .errors
                .iter()
                .filter_map(|entry| entry.message.as_deref())
                .collect();
            return (
                first.code.as_deref().and_then(one_line),
                one_line(&messages.join("; ")),
            );
        }
        let message = document.error_description.or(document.message);
        let error = document.error;
        return match message {
            Some(message) => (error.as_deref().and_then(one_line), one_line(&message)),
            None => (None, error.as_deref().and_then(one_line)),
        };
    }
    let plain = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/plain"));
    match std::str::from_utf8(body) {
        Ok(text) if plain && !text.trim_start().starts_with('<') => (None, one_line(text)),
        _ => (None, None),
    }
}

/// The text without control characters and of bounded length, or `None` if it is blank.
fn one_line(text: &str) -> Option<String> {
    let line: String = text
        .trim()
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(MESSAGE_LENGTH)
        .collect();
    (!line.is_empty()).then_some(line)
}

/// Parses `Retry-After`: seconds, or an HTTP date that is compared with `now`.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, kind: &str, body: &str) -> Refusal {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("valid"));
        Refusal::new(
            StatusCode::from_u16(status).expect("valid"),
            &headers,
            body.as_bytes(),
        )
    }

    #[test]
    fn forms_of_bodies() {
        let json = "application/json";
        for (status, kind, body, expected) in [
            (
                400,
                json,
                r#"{"errors":[{"code":"DENIED","message":"no\nway"}]}"#,
                "denied: no way",
            ),
            (400, json, r#"{"errors":[{"code":"UNKNOWN"}]}"#, "unknown"),
            (
                404,
                json,
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#,
                "manifest unknown: manifest unknown",
            ),
            (
                404,
                json,
                r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#,
                "name unknown: repository name not known to registry",
            ),
            (
                429,
                json,
                r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#,
                "toomanyrequests: slow down",
            ),
            (
                429,
                json,
                r#"{"message":"slow down"}"#,
                "toomanyrequests: slow down",
            ),
            (
                400,
                json,
                r#"{"errors":[{"message":"a"},{"message":"b"}]}"#,
                "400 Bad Request: a; b",
            ),
            (
                400,
                json,
                r#"{"message":"over quota"}"#,
                "400 Bad Request: over quota",
            ),
            (
                400,
                json,
                r#"{"Errors":[{"Code":"DENIED","MESSAGE":"no \udc80","detail":1e999},null]}"#,
                "denied: no \u{fffd}",
            ),
            (
                400,
                json,
                r#"{"errors":{"code":"no list"},"Message":"all the same"}"#,
                "400 Bad Request: all the same",
            ),
            (
                400,
                json,
                r#"{"errors":[{"code":7,"message":"a number"}]}"#,
                "400 Bad Request: a number",
            ),
            (
                401,
                json,
                r#"{"details":"incorrect username or password"}"#,
                "unauthorized: incorrect username or password",
            ),
            (
                400,
                json,
                r#"{"error":"invalid_grant","error_description":"x"}"#,
                "invalid grant: x",
            ),
            (401, json, "", "unauthorized: authentication required"),
            (
                403,
                json,
                "",
                "denied: requested access to the resource is denied",
            ),
            (400, json, r#"{"errors":null}"#, "400 Bad Request"),
            (400, json, "", "400 Bad Request"),
            (
                413,
                "text/plain; charset=utf-8",
                "too large\n",
                "413 Payload Too Large: too large",
            ),
            (400, "text/plain", "<html>", "400 Bad Request"),
            (400, "text/html", "<html>413</html>", "400 Bad Request"),
            (
                503,
                "text/html",
                "<html>",
                "received unexpected HTTP status: 503 Service Unavailable",
            ),
            (599, json, "", "received unexpected HTTP status: 599"),
        ] {
            assert_eq!(refusal(status, kind, body).to_string(), expected, "{body}");
        }
    }

    #[test]
    fn the_challenge_says_what_is_denied() {
        let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
        for (error, kind, text) in [
            (
                "insufficient_scope",
                ErrorKind::Denied,
                "denied: requested access to the resource is denied",
            ),
            (
                "invalid_token",
                ErrorKind::Unauthorized,
                "unauthorized: authentication required",
            ),
            (
                "other",
                ErrorKind::Unauthorized,
                "unauthorized: authentication required",
            ),
        ] {
            let mut headers = HeaderMap::new();
            let challenge = format!(r#"Bearer realm="/t",error="{error}""#);
            headers.insert(header::WWW_AUTHENTICATE, challenge.parse().expect("valid"));
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, &headers, body.as_bytes());
            assert_eq!((refusal.kind(), refusal.to_string().as_str()), (kind, text));
        }
    }

    #[test]
    fn what_was_shown_is_not_repeated() {
        let shown = Shown::default();
        shown.secret("hunter2");
        for body in [
            r#"{"errors":[{"code":"DENIED","message":"hunter2 is wrong"}]}"#,
            r#"{"errors":[{"code":"HUNTER2","message":"no"}]}"#,
            r#"{"errors":[{"code":"DENIED","message":"\u0068unter2 is wrong"}]}"#,
        ] {
            let refusal = refusal(400, "application/json", body).without(&shown);
            let text = format!("{refusal} {refusal:?}").to_lowercase();
            assert!(!text.contains("hunter2"), "{text}");
            assert!(
                text.contains("400 bad request: it repeated the credentials"),
                "{text}"
            );
        }
    }

    #[test]
    fn kinds() {
        let json = |status, code: &str, message: &str| {
            let body = serde_json::json!({"errors": [{"code": code, "message": message}]});
            refusal(status, "application/json", &body.to_string())
        };
        let expired = "Your authorization token has expired. Reauthenticate and try again.";
        for (refusal, kind, retryable) in [
            (json(403, "DENIED", expired), ErrorKind::Unauthorized, false),
            (json(400, "DENIED", expired), ErrorKind::Unauthorized, false),
            (json(403, "DENIED", "no"), ErrorKind::Denied, false),
            (
                json(400, "TAG_INVALID", "exists"),
                ErrorKind::TagImmutable,
                false,
            ),
            (
                json(412, "PRECONDITION", "policy"),
                ErrorKind::TagImmutable,
                false,
            ),
            (json(404, "UNKNOWN", "x"), ErrorKind::NotFound, false),
            (json(405, "UNSUPPORTED", "x"), ErrorKind::Unsupported, false),
            (
                json(429, "TOOMANYREQUESTS", "Rate exceeded"),
                ErrorKind::RateLimited,
                true,
            ),
            (
                json(
                    429,
                    "TOOMANYREQUESTS",
                    "You have reached your pull rate limit.",
                ),
                ErrorKind::RateLimited,
                false,
            ),
            (json(503, "UNAVAILABLE", "x"), ErrorKind::Unavailable, true),
            (json(501, "UNSUPPORTED", "x"), ErrorKind::Unsupported, false),
            (
                json(400, "MANIFEST_INVALID", "x"),
                ErrorKind::Invalid,
                false,
            ),
        ] {
            assert_eq!(
                (refusal.kind(), refusal.is_retryable()),
                (kind, retryable),
                "{refusal}"
            );
        }
    }

    #[test]
    fn retry_after_seconds_or_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("valid");
        for (value, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                expected.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
