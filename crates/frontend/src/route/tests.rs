//! Tests of routes: every row of the table, and paths that are refused.

use proptest::prelude::*;

use super::*;

/// The version, the row and the name that a request is routed to.
type Found = (Option<String>, String, String);

fn found(method: &str, path: &str) -> Result<Found, Reject> {
    let Routed {
        version,
        route,
        captures,
    } = route(method, path)?;
    let name = match captures.get("name") {
        "" => captures.get("id"),
        name => name,
    };
    Ok((version, route.endpoint(), name.to_owned()))
}

#[test]
fn served() {
    for (method, path, version, endpoint, name) in [
        ("GET", "/_ping", None, "GET|HEAD /_ping", ""),
        ("HEAD", "/v1.41/_ping", Some("1.41"), "GET|HEAD /_ping", ""),
        ("GET", "/version", None, "GET /version", ""),
        ("GET", "/v1.55/version", Some("1.55"), "GET /version", ""),
        ("GET", "/v1./info", Some("1."), "GET /info", ""),
        ("GET", "/v1/info", Some("1"), "GET /info", ""),
        ("POST", "/images/load", None, "POST /images/load", ""),
        ("GET", "/images/json", None, "GET /images/json", ""),
        (
            "GET",
            "/images/alpine/json",
            None,
            "GET /images/{name:.*}/json",
            "alpine",
        ),
        (
            "GET",
            "/v1.24/images/p/one:1/json",
            Some("1.24"),
            "GET /images/{name:.*}/json",
            "p/one:1",
        ),
        (
            "GET",
            "/images/p%2Fone%3A1/json",
            None,
            "GET /images/{name:.*}/json",
            "p/one:1",
        ),
        (
            "GET",
            "/images/localhost:5000/a/b@sha256:00/json",
            None,
            "GET /images/{name:.*}/json",
            "localhost:5000/a/b@sha256:00",
        ),
        (
            "GET",
            "/images/json/json",
            None,
            "GET /images/{name:.*}/json",
            "json",
        ),
        (
            "GET",
            "/images/get/json",
            None,
            "GET /images/{name:.*}/json",
            "get",
        ),
        (
            "GET",
            "/images/a%20b/json",
            None,
            "GET /images/{name:.*}/json",
            "a b",
        ),
        (
            "GET",
            "/images/%FF/json",
            None,
            "GET /images/{name:.*}/json",
            "\u{fffd}",
        ),
        (
            "POST",
            "/images/a/tag/tag",
            None,
            "POST /images/{name:.*}/tag",
            "a/tag",
        ),
        (
            "POST",
            "/images/sha256:00/tag",
            None,
            "POST /images/{name:.*}/tag",
            "sha256:00",
        ),
        ("POST", "/images/create", None, "POST /images/create", ""),
        (
            "POST",
            "/v1.41/images/create",
            Some("1.41"),
            "POST /images/create",
            "",
        ),
        (
            "POST",
            "/images/h:5000/a/b/push",
            None,
            "POST /images/{name:.*}/push",
            "h:5000/a/b",
        ),
        (
            "POST",
            "/images/create/push",
            None,
            "POST /images/{name:.*}/push",
            "create",
        ),
        (
            "GET",
            "/distribution/h:5000%2Fa@sha256:00/json",
            None,
            "GET /distribution/{name:.*}/json",
            "h:5000/a@sha256:00",
        ),
        ("POST", "/auth", None, "POST /auth", ""),
        ("OPTIONS", "/anything/at/all", None, "OPTIONS {path:.*}", ""),
        ("OPTIONS", "/v1.41/x", Some("1.41"), "OPTIONS {path:.*}", ""),
        ("OPTIONS", "/", None, "OPTIONS {path:.*}", ""),
        ("OPTIONS", "*", None, "OPTIONS {path:.*}", ""),
        ("OPTIONS", "/a%0Ab", None, "OPTIONS {path:.*}", ""),
    ] {
        let expected = (
            version.map(str::to_owned),
            endpoint.to_owned(),
            name.to_owned(),
        );
        assert_eq!(found(method, path), Ok(expected), "{path}");
    }
}

#[test]
fn images_and_containers() {
    for (method, path, endpoint, name) in [
        ("GET", "/images/get", "GET /images/get", ""),
        ("GET", "/images/a/b/get", "GET /images/{name:.*}/get", "a/b"),
        ("GET", "/images/get/get", "GET /images/{name:.*}/get", "get"),
        (
            "GET",
            "/images/h:5000%2Fa:1/history",
            "GET /images/{name:.*}/history",
            "h:5000/a:1",
        ),
        (
            "DELETE",
            "/images/a/b:1",
            "DELETE /images/{name:.*}",
            "a/b:1",
        ),
        ("DELETE", "/images/", "DELETE /images/{name:.*}", ""),
        ("DELETE", "/images/json", "DELETE /images/{name:.*}", "json"),
        ("POST", "/images/prune", "POST /images/prune", ""),
        ("GET", "/images/search", "GET /images/search", ""),
        (
            "GET",
            "/images/a/b/attestations",
            "GET /images/{name:.*}/attestations",
            "a/b",
        ),
        ("GET", "/events", "GET /events", ""),
        ("GET", "/system/df", "GET /system/df", ""),
        ("GET", "/containers/json", "GET /containers/json", ""),
        ("POST", "/containers/create", "POST /containers/create", ""),
        (
            "GET",
            "/containers/x/json",
            "GET /containers/{name:.*}/json",
            "x",
        ),
        (
            "POST",
            "/containers/x/rename",
            "POST /containers/{name:.*}/rename",
            "x",
        ),
        (
            "DELETE",
            "/containers/x",
            "DELETE /containers/{name:.*}",
            "x",
        ),
        ("POST", "/containers/prune", "POST /containers/prune", ""),
        (
            "HEAD",
            "/containers/x/archive",
            "HEAD /containers/{name:.*}/archive",
            "x",
        ),
        (
            "POST",
            "/containers/x/start",
            "POST /containers/{name:.*}/start",
            "x",
        ),
        ("GET", "/exec/x/json", "GET /exec/{name:.*}/json", "x"),
        ("GET", "/volumes", "GET /volumes", ""),
        ("GET", "/networks", "GET /networks", ""),
        ("GET", "/networks/", "GET /networks/", ""),
        (
            "GET",
            "/networks/bridge",
            "GET /networks/{name:.*}",
            "bridge",
        ),
        ("GET", "/plugins", "GET /plugins", ""),
        ("POST", "/volumes/prune", "POST /volumes/prune", ""),
        ("POST", "/networks/prune", "POST /networks/prune", ""),
        ("POST", "/build/prune", "POST /build/prune", ""),
        ("POST", "/build", "POST /build", ""),
        ("POST", "/commit", "POST /commit", ""),
        ("POST", "/networks/create", "POST /networks/create", ""),
        ("GET", "/services/a", "GET /services/{id}", "a"),
        ("POST", "/grpc", "POST /grpc", ""),
    ] {
        for (version, path) in [
            (None, path.to_owned()),
            (Some("1.41"), format!("/v1.41{path}")),
        ] {
            let expected = (
                version.map(str::to_owned),
                endpoint.to_owned(),
                name.to_owned(),
            );
            assert_eq!(found(method, &path), Ok(expected), "{method} {path}");
        }
    }
}

/// Every row of the table with a request that it matches.
fn samples() -> impl Iterator<Item = (&'static Route, &'static str, String)> {
    table::ROUTES.iter().flat_map(|row| {
        let path = row.pattern.replace("{name:.*}", "x").replace("{id}", "x");
        let methods = row.methods.iter();
        methods.map(move |method| (row, *method, path.clone()))
    })
}

#[test]
fn every_row_is_reached() {
    for (row, method, path) in samples() {
        let routed = route(method, &path).expect("known");
        assert_eq!(routed.route.endpoint(), row.endpoint(), "{method} {path}");
    }
}

#[test]
fn newer_routes_say_since_when() {
    let newer: Vec<_> = table::ROUTES
        .iter()
        .filter_map(|row| Some((row.endpoint(), row.minimum()?)))
        .collect();
    let newer: Vec<_> = newer.iter().map(|(row, n)| (row.as_str(), *n)).collect();
    assert_eq!(
        newer,
        [
            ("GET /images/{name:.*}/attestations", 55),
            ("POST /images/prune", 25),
            ("GET /distribution/{name:.*}/json", 30),
            ("POST /build/prune", 31),
            ("POST /containers/prune", 25),
            ("POST /networks/prune", 25),
            ("POST /volumes/prune", 25),
        ]
    );
}

#[test]
fn only_a_ping_is_answered_at_the_door() {
    let at_the_door = table::ROUTES.iter().filter(|row| row.is_at_the_door());
    let at_the_door: Vec<_> = at_the_door.map(Route::pattern).collect();
    assert_eq!(at_the_door, ["/_ping"]);
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
        assert_eq!(found(method, path), Err(Reject::Unknown), "{method} {path}");
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
        assert_eq!(found("GET", path), expected, "{path}");
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
        assert_eq!(found("GET", path), expected, "{path}");
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
        let routed = found("GET", &format!("/v1.41/images/{encoded}/json"));
        let expected = (Some("1.41".to_owned()), "GET /images/{name:.*}/json".to_owned(), name);
        prop_assert_eq!(routed, Ok(expected));
    }
}
