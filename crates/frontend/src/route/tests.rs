use proptest::prelude::*;

use super::*;

fn inspect(name: &str) -> Route {
    Route::InspectImage {
        name: name.to_owned(),
    }
}

#[test]
fn served() {
    let tag = |name: &str| Route::TagImage {
        name: name.to_owned(),
    };
    let push = |name: &str| Route::PushImage {
        name: name.to_owned(),
    };
    let distribution = |name: &str| Route::InspectDistribution {
        name: name.to_owned(),
    };
    for (method, path, version, expected) in [
        ("GET", "/_ping", None, Route::Ping),
        ("HEAD", "/v1.41/_ping", Some("1.41"), Route::Ping),
        ("GET", "/version", None, Route::Version),
        ("GET", "/v1.55/version", Some("1.55"), Route::Version),
        ("GET", "/v1./info", Some("1."), Route::Info),
        ("GET", "/v1/info", Some("1"), Route::Info),
        ("POST", "/images/load", None, Route::LoadImages),
        ("GET", "/images/json", None, Route::ListImages),
        ("GET", "/images/alpine/json", None, inspect("alpine")),
        (
            "GET",
            "/v1.24/images/p/one:1/json",
            Some("1.24"),
            inspect("p/one:1"),
        ),
        ("GET", "/images/p%2Fone%3A1/json", None, inspect("p/one:1")),
        (
            "GET",
            "/images/localhost:5000/a/b@sha256:00/json",
            None,
            inspect("localhost:5000/a/b@sha256:00"),
        ),
        ("GET", "/images/json/json", None, inspect("json")),
        ("GET", "/images/get/json", None, inspect("get")),
        ("GET", "/images/a%20b/json", None, inspect("a b")),
        ("GET", "/images/%FF/json", None, inspect("\u{fffd}")),
        ("POST", "/images/a/tag/tag", None, tag("a/tag")),
        ("POST", "/images/sha256:00/tag", None, tag("sha256:00")),
        ("POST", "/images/create", None, Route::CreateImage),
        (
            "POST",
            "/v1.41/images/create",
            Some("1.41"),
            Route::CreateImage,
        ),
        ("POST", "/images/h:5000/a/b/push", None, push("h:5000/a/b")),
        ("POST", "/images/create/push", None, push("create")),
        (
            "GET",
            "/distribution/h:5000%2Fa@sha256:00/json",
            None,
            distribution("h:5000/a@sha256:00"),
        ),
        ("POST", "/auth", None, Route::Login),
        ("OPTIONS", "/anything/at/all", None, Route::Options),
        ("OPTIONS", "/v1.41/x", Some("1.41"), Route::Options),
        ("OPTIONS", "/", None, Route::Options),
        ("OPTIONS", "*", None, Route::Options),
    ] {
        let version = version.map(str::to_owned);
        assert_eq!(
            route(method, path),
            Ok(Routed {
                version,
                route: expected
            }),
            "{path}"
        );
    }
}

#[test]
fn images_and_containers() {
    let name = |name: &str| name.to_owned();
    for (method, path, expected) in [
        ("GET", "/images/get", Route::SaveImages),
        (
            "GET",
            "/images/a/b/get",
            Route::SaveImage { name: name("a/b") },
        ),
        (
            "GET",
            "/images/get/get",
            Route::SaveImage { name: name("get") },
        ),
        (
            "GET",
            "/images/h:5000%2Fa:1/history",
            Route::ImageHistory {
                name: name("h:5000/a:1"),
            },
        ),
        (
            "DELETE",
            "/images/a/b:1",
            Route::RemoveImage {
                name: name("a/b:1"),
            },
        ),
        ("DELETE", "/images/", Route::RemoveImage { name: name("") }),
        (
            "DELETE",
            "/images/json",
            Route::RemoveImage { name: name("json") },
        ),
        ("POST", "/images/prune", Route::PruneImages),
        ("GET", "/images/search", Route::SearchImages),
        ("GET", "/images/a/b/attestations", Route::Attestations),
        ("GET", "/events", Route::Events),
        ("GET", "/system/df", Route::DiskUsage),
        ("GET", "/containers/json", Route::ListContainers),
        ("POST", "/containers/create", Route::CreateContainer),
        (
            "GET",
            "/containers/x/json",
            Route::InspectContainer { name: name("x") },
        ),
        (
            "POST",
            "/containers/x/rename",
            Route::RenameContainer { name: name("x") },
        ),
        (
            "DELETE",
            "/containers/x",
            Route::RemoveContainer { name: name("x") },
        ),
        ("POST", "/containers/prune", Route::PruneContainers),
        (
            "HEAD",
            "/containers/x/archive",
            Route::RunContainer { name: name("x") },
        ),
        (
            "POST",
            "/containers/x/start",
            Route::RunContainer { name: name("x") },
        ),
        ("GET", "/exec/x/json", Route::NoBackend),
        ("GET", "/volumes", Route::Nothing(Nothing::Volumes)),
        ("GET", "/networks", Route::Nothing(Nothing::Networks)),
        ("GET", "/networks/", Route::Nothing(Nothing::Networks)),
        (
            "GET",
            "/networks/bridge",
            Route::Absent {
                kind: Absent::Network,
                name: name("bridge"),
            },
        ),
        ("GET", "/plugins", Route::Nothing(Nothing::Plugins)),
        (
            "POST",
            "/volumes/prune",
            Route::Nothing(Nothing::VolumesPruned),
        ),
        (
            "POST",
            "/networks/prune",
            Route::Nothing(Nothing::NetworksPruned),
        ),
        ("POST", "/build/prune", Route::Nothing(Nothing::BuildPruned)),
    ] {
        for (version, path) in [
            (None, path.to_owned()),
            (Some("1.41"), format!("/v1.41{path}")),
        ] {
            let expected = Routed {
                version: version.map(str::to_owned),
                route: expected.clone(),
            };
            assert_eq!(route(method, &path), Ok(expected), "{method} {path}");
        }
    }
}

#[test]
fn known_and_not_served() {
    for (method, path, endpoint) in [
        ("POST", "/build", "POST /build"),
        ("POST", "/v1.41/commit", "POST /commit"),
        ("POST", "/networks/create", "POST /networks/create"),
        ("GET", "/services/a", "GET /services/{id}"),
        ("POST", "/grpc", "POST /grpc"),
    ] {
        let routed = route(method, path).map(|routed| routed.route);
        assert_eq!(routed, Ok(Route::NotServed { endpoint }), "{method} {path}");
    }
}

#[test]
fn newer_routes_name_themselves() {
    for (endpoint, _) in ROUTES {
        let (method, pattern) = endpoint.split_once(' ').expect("method and path");
        let path = pattern.replace("{name}", "x").replace("{id}", "x");
        let routed = route(method, &path).expect("known");
        if let Some((text, _)) = routed.route.minimum() {
            assert_eq!(text, endpoint.replace("{name}", "{name:.*}"));
        }
    }
    assert_eq!(
        Route::Attestations.minimum(),
        Some(("GET /images/{name:.*}/attestations", 55))
    );
    assert_eq!(Route::SaveImages.minimum(), None);
}

#[test]
fn unknown() {
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/bogus"),
        ("GET", "/v1.41"),
        ("GET", "/v1.41/"),
        ("GET", "/v/info"),
        ("GET", "/v1.41/v1.41/info"),
        ("GET", "/v1.x/info"),
        ("GET", "/info/"),
        ("HEAD", "/images/json"),
        ("HEAD", "/info"),
        ("GET", "/images/load"),
        ("POST", "/images/json"),
        ("DELETE", "/version"),
        ("get", "/version"),
        ("PATCH", "/images/a/tag"),
        ("GET", "/services/a/b"),
        ("GET", "/images/a%0Ab/json"),
    ] {
        assert_eq!(route(method, path), Err(Reject::Unknown), "{method} {path}");
    }
}

#[test]
fn unclean() {
    for (path, location) in [
        ("/images//json", "/images/json"),
        ("//info", "/info"),
        ("/./info", "/info"),
        ("/images/../info", "/info"),
        ("/images/%2e%2e/info", "/info"),
        ("/..", "/"),
        ("", "/"),
        ("/images/a//b/json", "/images/a/b/json"),
        ("/images/a%20b//", "/images/a%20b/"),
        ("/images/x%2F%2Fy/json", "/images/x/y/json"),
        ("//%FF?", "/%FF%3F"),
        ("info", "/info"),
    ] {
        let expected = Err(Reject::Unclean {
            location: location.to_owned(),
        });
        assert_eq!(route("GET", path), expected, "{path}");
    }
}

#[test]
fn broken_escapes() {
    for (path, escape) in [
        ("/%zz", "%zz"),
        ("/a%", "%"),
        ("/a%2", "%2"),
        ("/%2é", "%2é"),
    ] {
        let expected = Err(Reject::Escape {
            escape: escape.to_owned(),
        });
        assert_eq!(route("GET", path), expected, "{path}");
    }
}

#[test]
fn every_pattern_matches_itself() {
    for (endpoint, _) in ROUTES {
        let (method, pattern) = endpoint.split_once(' ').expect("method and path");
        let path = pattern.replace("{name}", "x").replace("{id}", "x");
        assert!(route(method, &path).is_ok(), "{endpoint}");
    }
}

proptest! {
    #[test]
    fn never_panics(method in "(GET|POST|DELETE|OPTIONS|.{0,4})", path in ".{0,80}") {
        let _ = route(&method, &path);
    }

    #[test]
    fn a_redirect_leads_to_a_clean_path(path in "/([a-c./%2]|%2[eEfF]|/){0,20}") {
        if let Err(Reject::Unclean { location }) = route("GET", &path) {
            let clean = matches!(route("GET", &location), Ok(_) | Err(Reject::Unknown));
            prop_assert!(clean, "{}", location);
        }
    }

    #[test]
    fn a_name_comes_back_whole(name in "[a-z0-9]{1,5}([/:@.][a-z0-9]{1,5}){0,4}") {
        prop_assume!(!name.contains("/.") && !name.contains("./"));
        let encoded = name.replace('/', "%2F").replace(':', "%3A");
        let routed = route("GET", &format!("/v1.41/images/{encoded}/json"));
        prop_assert_eq!(routed.map(|routed| routed.route), Ok(inspect(&name)));
    }
}
