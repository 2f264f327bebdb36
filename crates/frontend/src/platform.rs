//! The `platform` parameter: an OCI platform as JSON, and Docker's words for a bad one; for a pull
//! as text.

use serde_json::{Map, Value};
use sockerless_engine::Platform;

use crate::fields::{field, text};
use crate::status::Failure;

/// Reads one value of the parameter.
pub(crate) fn parse(json: &str) -> Result<Platform, Failure> {
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

/// Reads `OS[/ARCH[/VARIANT]]`, in any case. Without an architecture that of `own` is meant; a
/// lone architecture, which clients also send, is for the OS of `own`.
pub(crate) fn parse_text(text: &str, own: &Platform) -> Result<Platform, Failure> {
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let is_word = |part: &&str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        !part.is_empty() && part.bytes().all(is_part)
    };
    let platform = |os: &str, architecture: &str, variant: Option<&str>| {
        let (architecture, implied) = go_architecture(architecture);
        Platform {
            os: go_os(os).to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.or(implied).map(str::to_owned),
            os_version: None,
        }
    };
    match parts.as_slice() {
        parts if !parts.iter().all(is_word) => None,
        [os] if OSES.contains(&go_os(os)) => {
            Some(platform(os, &own.architecture, own.variant.as_deref()))
        }
        [architecture] if ARCHITECTURES.contains(&go_architecture(architecture).0) => {
            Some(platform(&own.os, architecture, None))
        }
        [os, architecture] => Some(platform(os, architecture, None)),
        [os, architecture, variant] => Some(platform(os, architecture, Some(variant))),
        _ => None,
    }
    .ok_or_else(|| {
        Failure::bad_request(format!(
            "invalid platform {text:?}: give OS[/ARCH[/VARIANT]], such as linux/arm64"
        ))
    })
}

const OSES: &[&str] = &[
    "linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "illumos", "aix",
    "android", "wasip1",
];

const ARCHITECTURES: &[&str] = &[
    "amd64", "386", "arm64", "arm", "ppc64le", "ppc64", "s390x", "riscv64", "loong64", "mips",
    "mipsle", "mips64", "mips64le", "wasm",
];

/// The word that Go has for an OS.
fn go_os(os: &str) -> &str {
    match os {
        "macos" => "darwin",
        other => other,
    }
}

/// The words that Go has for an architecture: itself, and the variant that its name implies.
fn go_architecture(name: &str) -> (&str, Option<&'static str>) {
    match name {
        "i386" | "i686" => ("386", None),
        "x86_64" | "x86-64" => ("amd64", None),
        "aarch64" => ("arm64", None),
        "armhf" => ("arm", Some("v7")),
        "armel" => ("arm", Some("v6")),
        other => (other, None),
    }
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
    fn texts() {
        let platform = |os: &str, architecture: &str, variant: Option<&str>| Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
            os_version: None,
        };
        let own = platform("linux", "arm", Some("v7"));
        for (text, expected) in [
            ("linux", platform("linux", "arm", Some("v7"))),
            ("windows/amd64", platform("windows", "amd64", None)),
            ("Linux/ARM/v6", platform("linux", "arm", Some("v6"))),
            ("linux/x86_64", platform("linux", "amd64", None)),
            ("linux/armhf", platform("linux", "arm", Some("v7"))),
            ("linux/armel/v5", platform("linux", "arm", Some("v5"))),
            ("aarch64", platform("linux", "arm64", None)),
            ("macos/arm64", platform("darwin", "arm64", None)),
            ("plan9/amd64", platform("plan9", "amd64", None)),
        ] {
            let parsed = parse_text(text, &own).map_err(|failure| failure.message);
            assert_eq!(parsed, Ok(expected), "{text}");
        }
        for bad in [
            "nonsense",
            "linux/",
            "/amd64",
            "linux/arm/v7/x",
            "a b/c",
            r#"{"os":"linux"}"#,
        ] {
            let failure = parse_text(bad, &own).expect_err(bad);
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            assert_eq!(
                failure.message,
                format!("invalid platform {bad:?}: give OS[/ARCH[/VARIANT]], such as linux/arm64")
            );
        }
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
