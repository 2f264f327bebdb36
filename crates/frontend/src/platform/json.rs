//! Parses an OCI platform from JSON, with Go's error messages.

use sockerless_images::Platform;
use sockerless_oci::json::{JsonError, any_case, decode};

use crate::status::Failure;

/// Parses one value of the parameter.
pub(super) fn parse(json: &str) -> Result<Platform, Failure> {
    #[derive(Debug, Default)]
    struct Read {
        os: String,
        architecture: String,
        variant: String,
        os_version: String,
        os_features: Vec<Option<String>>,
    }

    any_case!(Read, "a platform" {
        "os" => os,
        "architecture" => architecture,
        "variant" => variant,
        "os.version" => os_version,
        "os.features" => os_features,
    });

    let fail = |what: String| Failure::bad_request(format!("failed to parse platform: {what}"));
    let read: Read = decode(json.as_bytes()).map_err(|error| fail(explain(json, &error)))?;
    let set = |text: String| Some(text).filter(|text| !text.is_empty());
    let platform = Platform {
        os: read.os,
        architecture: read.architecture,
        variant: set(read.variant),
        os_version: set(read.os_version),
    };
    let has_optional =
        platform.variant.is_some() || platform.os_version.is_some() || !read.os_features.is_empty();
    if platform.os.is_empty() && platform.architecture.is_empty() && has_optional {
        return Err(Failure::bad_request(
            "optional platform fields provided, but OS and Architecture are missing",
        ));
    }
    if platform.os.is_empty() || platform.architecture.is_empty() {
        return Err(Failure::bad_request(
            "both OS and Architecture must be provided",
        ));
    }
    Ok(platform)
}

/// A parser's error, with Go's message where Go has the same error.
fn explain(json: &str, error: &JsonError) -> String {
    let first = json
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .chars()
        .next();
    match first {
        Some(first) if !matches!(first, '{' | '[' | '"' | '-' | '0'..='9' | 't' | 'f' | 'n') => {
            format!("invalid character {first:?} looking for beginning of value")
        }
        _ if error.is_eof() => "unexpected end of JSON input".to_owned(),
        _ if error.is_data() => match kind(json) {
            "object" => error.to_string(),
            kind => {
                format!("json: cannot unmarshal {kind} into Go value of type v1.Platform")
            }
        },
        _ => error.to_string(),
    }
}

/// The type of a JSON value, in Go's words.
fn kind(json: &str) -> &'static str {
    match json.trim_start().chars().next() {
        Some('{') => "object",
        Some('[') => "array",
        Some('"') => "string",
        Some('t' | 'f') => "bool",
        _ => "number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms() {
        let platform =
            parse(r#"{"OS":"windows","os":"linux","Architecture":"arm","variant":"v7","x":1e999}"#);
        assert_eq!(
            platform.map_err(|failure| failure.message),
            Ok(Platform {
                os: "linux".to_owned(),
                architecture: "arm".to_owned(),
                variant: Some("v7".to_owned()),
                os_version: None,
            })
        );
    }

    #[test]
    fn dockers_words_for_bad_ones() {
        for (json, message) in [
            (
                "linux/amd64",
                "failed to parse platform: invalid character 'l' looking for beginning of value",
            ),
            ("", "failed to parse platform: unexpected end of JSON input"),
            (
                "{",
                "failed to parse platform: unexpected end of JSON input",
            ),
            (
                "[]",
                "failed to parse platform: json: cannot unmarshal array into Go value of type \
                 v1.Platform",
            ),
            (
                "true",
                "failed to parse platform: json: cannot unmarshal bool into Go value of type \
                 v1.Platform",
            ),
            (
                r#"{"os":7}"#,
                "failed to parse platform: invalid type: integer `7`, expected a string at line 1 \
                 column 7",
            ),
            ("{}", "both OS and Architecture must be provided"),
            ("null", "both OS and Architecture must be provided"),
            (
                r#"{"os":"linux"}"#,
                "both OS and Architecture must be provided",
            ),
            (
                r#"{"variant":"v7"}"#,
                "optional platform fields provided, but OS and Architecture are missing",
            ),
            (
                r#"{"os.features":["win32k"]}"#,
                "optional platform fields provided, but OS and Architecture are missing",
            ),
        ] {
            let failure = parse(json).expect_err(json);
            assert_eq!(failure.message, message);
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
        }
    }
}
