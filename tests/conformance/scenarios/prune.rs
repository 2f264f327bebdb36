//! `POST /images/prune`.

use serde_json::json;
use sockerless_testkit::http::escaped;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn images(pair: &mut Pair) {
    let prune = |pair: &mut Pair, filters: &str| {
        pair.post(&format!("/images/prune?filters={}", escaped(filters)));
        pair.get("/images/json?all=1");
    };
    pair.post("/images/prune");
    stocked(pair);
    prune(pair, r#"{"label":["org.example.seed=nosuch"]}"#);
    prune(pair, r#"{"label!":["org.example.seed"]}"#);
    prune(pair, r#"{"until":["2024-05-06T07:00:00Z"]}"#);
    prune(pair, r#"{"label":["org.example.seed=a"]}"#);
    prune(pair, r#"{"until":["1714979270"]}"#);
    pair.post("/images/prune").get("/images/json?all=1");
    prune(pair, r#"{"dangling":["true"]}"#);
    stocked(pair);
    prune(
        pair,
        r#"{"dangling":["false"],"label":["org.example.seed=named"]}"#,
    );
    stocked(pair);
    prune(pair, r#"{"dangling":{"false":true},"until":["2h"]}"#);
    prune(pair, r#"{"dangling":["0"]}"#);
    for filters in [
        r#"{"dangling":["x"]}"#,
        r#"{"dangling":["true","false"]}"#,
        r#"{"bogus":["1"]}"#,
        r#"{"until":["x"]}"#,
        r#"{"until":["1h","2h"]}"#,
        r#"{"reference":["a"]}"#,
        "x",
        "[]",
    ] {
        prune(pair, filters);
    }
}

/// Images without names, one with, and one that a container uses.
fn stocked(pair: &mut Pair) {
    for (seed, age, names) in [
        ("a", 0, &[][..]),
        ("b", 10, &[]),
        ("c", 40, &[]),
        ("named", 50, &["named:1", "named:2"]),
        ("used", 55, &["used:1"]),
    ] {
        let image = stock::image(seed, 1, age);
        pair.load_image(&image, names);
    }
    pair.naming("user", "/Id");
    pair.post_json("/containers/create", &json!({"Image": "used:1"}));
}
