use std::str;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sockerless_frontend::{Reject, Routed, route as find};

/// Routes `data`: a method, a space, and a path.
pub fn route(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (method, path) = text.split_once(' ').unwrap_or(("GET", text));
    match find(method, path) {
        Ok(routed) => check_route(method, path, &routed),
        Err(Reject::Unclean { location }) => check_redirect(method, path, &location),
        Err(Reject::Escape { escape }) => {
            assert!(
                escape.starts_with('%') && path.contains(&escape),
                "{escape}"
            );
        }
        Err(Reject::Unknown) => {}
    }
}

/// A redirect leads to a clean path of this server, and there is no second redirect.
fn check_redirect(method: &str, path: &str, location: &str) {
    assert_ne!(path, location);
    assert!(location.starts_with('/') && !location.starts_with("//"));
    let again = find(method, location);
    assert!(
        matches!(again, Ok(_) | Err(Reject::Unknown)),
        "{location} gives {again:?}"
    );
}

fn check_route(method: &str, path: &str, routed: &Routed) {
    if let Some(version) = &routed.version {
        assert!(
            version.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !version.is_empty(),
            "{version}"
        );
    } else if path != "*" {
        // A version before the same path changes nothing else.
        check_same(routed, method, &format!("/v1.41{path}"), Some("1.41"));
    }
    assert!(routed.route.methods().contains(&method));
    for verb in ["json", "tag"] {
        if routed.route.pattern() == format!("/images/{{name:.*}}/{verb}") {
            check_name(method, verb, routed);
        }
    }
}

/// A name is found with every character of it encoded, its slashes too.
fn check_name(method: &str, verb: &str, expected: &Routed) {
    let name = expected.captures.get("name");
    assert!(!name.is_empty() && !name.contains('\n'));
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let path = format!("/images/{encoded}/{verb}");
    check_same(expected, method, &path, None);
}

/// `path` has the route and the captures of `expected`, and the version `version`.
fn check_same(expected: &Routed, method: &str, path: &str, version: Option<&str>) {
    let found = find(method, path);
    let found = found.unwrap_or_else(|reject| panic!("{method} {path}: {reject:?}"));
    assert_eq!(found.route.pattern(), expected.route.pattern(), "{path}");
    assert_eq!(found.route.methods(), expected.route.methods(), "{path}");
    assert_eq!(found.captures, expected.captures, "{path}");
    assert_eq!(found.version.as_deref(), version, "{path}");
}
