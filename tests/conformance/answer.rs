//! A response in the form for comparisons.

use std::collections::BTreeMap;

use serde_json::Value;
use sockerless_testkit::http::Response;

use crate::normal::Normal;
use crate::pattern::fits;
use crate::saved;

/// Headers that belong to the connection and the moment, not to the response.
const NOT_COMPARED: [&str; 4] = ["date", "content-length", "transfer-encoding", "connection"];

/// Status, headers and body, normalized.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Body,
}

/// A body by its form.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Text(String),
    /// One document.
    Json {
        value: Value,
        /// The text after it: a line feed.
        end: String,
    },
    /// One document a line.
    Lines {
        lines: Vec<Value>,
        /// The text after each: CR LF, or a line feed.
        end: String,
    },
    /// The content of an archive of images.
    Archive(Value),
}

impl Answer {
    pub(crate) fn new(request: &str, response: &Response, normal: &Normal<'_>) -> Self {
        // Only the response to HEAD has a length without a body.
        let is_head = request.starts_with("HEAD ");
        let headers = response.headers.iter();
        let headers = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), normal.text(value)))
            .filter(|(name, _)| {
                !NOT_COMPARED.contains(&name.as_str()) || (is_head && name == "content-length")
            })
            .collect();
        Self {
            status: response.status,
            headers,
            body: body(request, response, normal),
        }
    }
}

fn body(request: &str, response: &Response, normal: &Normal<'_>) -> Body {
    if response.body.is_empty() {
        return Body::Empty;
    }
    if response.header("Content-Type") == Some("application/x-tar") {
        return Body::Archive(normal.archive(&saved::content(&response.body)));
    }
    let text = normal.text(&response.text());
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(&text)
        .into_iter()
        .collect();
    match values {
        Ok(mut values) if response.status == 200 && is_stream(request) => {
            values = values
                .into_iter()
                .map(|value| normal.value(value))
                .collect();
            let end = if text.lines().count() == text.split_inclusive("\r\n").count() {
                "\\r\\n"
            } else {
                "\\n"
            };
            Body::Lines {
                lines: normal.lines(values),
                end: end.to_owned(),
            }
        }
        Ok(values) if values.len() == 1 => {
            let end = text.trim_end_matches(['\r', '\n']).len();
            let end = text[end..].escape_default().to_string();
            let value = values.into_iter().next().unwrap_or_default();
            Body::Json {
                value: normal.document(request, value),
                end,
            }
        }
        _ => Body::Text(text),
    }
}

/// Whether a successful response to it is a stream of lines.
fn is_stream(request: &str) -> bool {
    [
        "POST /images/load",
        "POST /images/create",
        "POST /images/*/push",
        "GET /events",
    ]
    .iter()
    .any(|stream| {
        request
            .split('?')
            .next()
            .is_some_and(|path| fits(stream, path))
    })
}
