//! Containers that were created: list, inspect, rename, remove, prune.

use serde_json::json;
use sockerless_testkit::http::escaped;

use crate::pair::Pair;
use crate::scenarios::stock;

/// Three containers, each named as its ID is called.
fn create(pair: &mut Pair) {
    for (seed, age, name) in [("one", 0, "cont/one:1"), ("two", 9, "cont/two:1")] {
        let image = stock::image(seed, 1, age);
        pair.load_image(&image, &[name]);
    }
    for (name, image, label) in [
        ("first", "cont/one:1", "x"),
        ("second", "cont/one:1", "y"),
        ("third", "cont/two:1", "x"),
    ] {
        pair.naming(name, "/Id");
        let body = json!({"Image": image, "Labels": {"kind": label}});
        pair.post_json(&format!("/containers/create?name={name}"), &body);
    }
}

pub(crate) fn list(pair: &mut Pair) {
    create(pair);
    for version in ["1.24", "1.40", "1.41"] {
        pair.version(version);
        for query in [
            "",
            "?all=1",
            "?all=true&size=1",
            "?limit=1",
            "?limit=2",
            "?limit=-1",
            "?limit=0",
            "?limit=x",
        ] {
            pair.get(&format!("/containers/json{query}"));
        }
        pair.get("/containers/first/json")
            .get("/containers/first/json?size=1");
    }
    for filters in [
        r#"{"name":["first"]}"#,
        r#"{"name":["/first"]}"#,
        r#"{"name":["^/fi"]}"#,
        r#"{"name":["fi|th"]}"#,
        r#"{"name":["["]}"#,
        r#"{"label":["kind"]}"#,
        r#"{"label":["kind=x"]}"#,
        r#"{"label":["kind=x","org.example.seed=one"]}"#,
        r#"{"ancestor":["cont/one:1"]}"#,
        r#"{"ancestor":["cont/one"]}"#,
        r#"{"ancestor":["nosuch"]}"#,
        r#"{"status":["created"]}"#,
        r#"{"status":["running"]}"#,
        r#"{"status":["nosuch"]}"#,
        r#"{"before":["second"]}"#,
        r#"{"since":["second"]}"#,
        r#"{"before":["nosuch"]}"#,
        r#"{"exited":["0"]}"#,
        r#"{"exited":["x"]}"#,
        r#"{"id":["nosuch"]}"#,
        r#"{"health":["none"]}"#,
        r#"{"is-task":["false"]}"#,
        r#"{"network":["bridge"]}"#,
        r#"{"volume":["x"]}"#,
        r#"{"bogus":["x"]}"#,
        "{}",
        "x",
        "[]",
    ] {
        pair.get(&format!(
            "/containers/json?all=1&filters={}",
            escaped(filters)
        ));
    }
    pair.get("/containers/json?filters=%7B%22status%22%3A%5B%22created%22%5D%7D");
    pair.get("/info");
}

pub(crate) fn names(pair: &mut Pair) {
    create(pair);
    for name in [
        "first",
        "/first",
        "%2Ffirst",
        "<first>",
        "<first:12>",
        "nosuch",
        "",
        "FOO",
        "a%20b",
    ] {
        pair.get(&format!("/containers/{name}/json"));
    }
    for (name, to) in [
        ("first", "renamed"),
        ("first", "again"),
        ("renamed", "second"),
        ("renamed", "renamed"),
        ("renamed", ""),
        ("renamed", "-x"),
        ("renamed", "a/b"),
        ("renamed", "/slash"),
        ("nosuch", "x"),
        ("<second:12>", "by-id"),
        ("slash", "y"),
    ] {
        pair.post(&format!("/containers/{name}/rename?name={}", escaped(to)));
    }
    pair.post("/containers/third/rename");
    pair.get("/containers/json?all=1")
        .get("/containers/by-id/json");
}

pub(crate) fn remove(pair: &mut Pair) {
    create(pair);
    pair.delete("/containers/nosuch").delete("/containers/");
    pair.delete("/containers/first").delete("/containers/first");
    pair.delete("/containers/<second:12>?v=1&force=1");
    pair.delete("/containers/third?link=1")
        .get("/containers/json?all=1");
    for filters in [
        "{}",
        r#"{"label":["kind=none"]}"#,
        r#"{"label!":["kind"]}"#,
        r#"{"until":["1h"]}"#,
    ] {
        pair.post(&format!("/containers/prune?filters={}", escaped(filters)));
    }
    pair.get("/containers/json?all=1");
    for filters in [
        "x",
        r#"{"bogus":["1"]}"#,
        r#"{"until":["x"]}"#,
        r#"{"until":["1","2"]}"#,
        r#"{"dangling":["1"]}"#,
    ] {
        pair.post(&format!("/containers/prune?filters={}", escaped(filters)));
    }
    pair.delete("/images/cont/one:1")
        .delete("/images/cont/two:1");
}
