use serde_json::{Map, Value};
use sockerless_engine::Platform;

use crate::fields::{field, text};
use crate::status::Failure;

/// Reads one value of the parameter.
pub(super) fn parse(json: &str) -> Result<Platform, Failure> {
    let fail = |what: String| Failure::bad_request(format!("failed to parse platform: {what}"));
    let value: Value = serde_json::from_str(json).map_err(|error| fail(explain(json, &error)))?;
    let object = match value {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        other => {
            return Err(fail(format!(
                "json: cannot unmarshal {} into Go value of type v1.Platform",
                kind(&other)
            )));
        }
    };
    let optional = |name| Some(text(&object, name).to_owned()).filter(|value| !value.is_empty());
    let platform = Platform {
        os: text(&object, "os").to_owned(),
        architecture: text(&object, "architecture").to_owned(),
        variant: optional("variant"),
        os_version: optional("os.version"),
    };
    let has_features = field(&object, "os.features")
        .and_then(Value::as_array)
        .is_some_and(|features| !features.is_empty());
    let has_optional = platform.variant.is_some() || platform.os_version.is_some() || has_features;
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

/// A parser's error in Go's words where Go has the same error.
fn explain(json: &str, error: &serde_json::Error) -> String {
    let first = json
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .chars()
        .next();
    match first {
        Some(first) if !matches!(first, '{' | '[' | '"' | '-' | '0'..='9' | 't' | 'f' | 'n') => {
            format!("invalid character {first:?} looking for beginning of value")
        }
        _ if error.is_eof() => "unexpected end of JSON input".to_owned(),
        _ => error.to_string(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms() {
        let platform = parse(r#"{"os":"linux","Architecture":"arm","variant":"v7"}"#);
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
