use std::str;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sockerless_frontend::{Reject, Route, Routed, route as find};

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

/// Who is sent elsewhere is sent to a clean path of this server, and is not sent on from there.
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
        let versioned = find(method, &format!("/v1.41{path}"));
        let expected = Routed {
            version: Some("1.41".to_owned()),
            route: routed.route.clone(),
        };
        assert_eq!(versioned, Ok(expected));
    }
    match &routed.route {
        Route::InspectImage { name } => check_name(method, name, "json", &routed.route),
        Route::TagImage { name } => check_name(method, name, "tag", &routed.route),
        Route::NotServed { endpoint } => {
            assert_eq!(endpoint.split(' ').next(), Some(method));
        }
        _ => {}
    }
}

/// A name is found with every character of it encoded, its slashes too.
fn check_name(method: &str, name: &str, verb: &str, expected: &Route) {
    assert!(!name.is_empty() && !name.contains('\n'));
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let found = find(method, &format!("/images/{encoded}/{verb}"));
    assert_eq!(found.as_ref().map(|found| &found.route), Ok(expected));
}
