//! `GET /images/json`.

use sockerless_testkit::http::escaped;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn filters(pair: &mut Pair) {
    stocked(pair);
    for version in ["1.22", "1.24", "1.40", "1.41"] {
        pair.version(version);
        pair.get("/images/json").get("/images/json?all=1");
        pair.get("/images/json?all=0")
            .get("/images/json?all=true&digests=1");
        pair.get("/images/json?filter=first")
            .get("/images/json?filter=team/first");
    }
    for filters in [
        r#"{}"#,
        "",
        r#"{"dangling":["true"]}"#,
        r#"{"dangling":["1"]}"#,
        r#"{"dangling":["false"]}"#,
        r#"{"dangling":{"true":true}}"#,
        r#"{"dangling":["true","false"]}"#,
        r#"{"dangling":[]}"#,
        r#"{"label":["org.example.seed"]}"#,
        r#"{"label":["org.example.seed=first"]}"#,
        r#"{"label":{"org.example.seed=first":true}}"#,
        r#"{"label":["org.example.seed=first","org.example.seed=second"]}"#,
        r#"{"label":["org.example.seed=first","org.example.seed"]}"#,
        r#"{"label":["nosuch"]}"#,
        r#"{"label":["org.example.seed="]}"#,
        r#"{"before":["second:1"]}"#,
        r#"{"since":["second:1"]}"#,
        r#"{"before":["first:1"],"since":["third:1"]}"#,
        r#"{"reference":["first"]}"#,
        r#"{"reference":["first:1"]}"#,
        r#"{"reference":["first:*"]}"#,
        r#"{"reference":["*"]}"#,
        r#"{"reference":["*:*"]}"#,
        r#"{"reference":["*/*"]}"#,
        r#"{"reference":["*/*:*"]}"#,
        r#"{"reference":["*/first"]}"#,
        r#"{"reference":["fir*"]}"#,
        r#"{"reference":["f?rst"]}"#,
        r#"{"reference":["[fs]*"]}"#,
        r#"{"reference":["[^f]*"]}"#,
        r#"{"reference":["fi\\rst"]}"#,
        r#"{"reference":["nosuch"]}"#,
        r#"{"reference":["first","second"]}"#,
        r#"{"reference":["example.com:5000/*/*"]}"#,
        r#"{"reference":["example.com:5000/deep/third:1"]}"#,
        r#"{"reference":["*"],"dangling":["false"]}"#,
        r#"{"reference":["first"],"label":["org.example.seed=first"]}"#,
        r#"{"reference":["first"],"dangling":["true"]}"#,
    ] {
        pair.get(&format!("/images/json?filters={}", escaped(filters)));
        pair.get(&format!("/images/json?all=1&filters={}", escaped(filters)));
    }
}

pub(crate) fn errors(pair: &mut Pair) {
    stocked(pair);
    for filters in [
        "x",
        "{",
        "[]",
        "null",
        "1",
        r#""dangling""#,
        r#"{"dangling":"true"}"#,
        r#"{"dangling":[true]}"#,
        r#"{"dangling":{"true":1}}"#,
        r#"{"bogus":["1"]}"#,
        r#"{"bogus":[]}"#,
        r#"{"bogus":{}}"#,
        r#"{"dangling":["x"]}"#,
        r#"{"dangling":["x","true"]}"#,
        r#"{"dangling":[""]}"#,
        r#"{"before":["nosuch"]}"#,
        r#"{"before":["nosuch:1"]}"#,
        r#"{"since":["nosuch"]}"#,
        r#"{"since":["FOO"]}"#,
        r#"{"before":[""]}"#,
        r#"{"reference":["[a"]}"#,
        r#"{"reference":["a[]b"]}"#,
        r#"{"reference":["\\"]}"#,
        r#"{"reference":[""]}"#,
        r#"{"Dangling":["true"]}"#,
        r#"{"dangling":["true"]} "#,
        r#"{"dangling":["true"]}x"#,
    ] {
        pair.get(&format!("/images/json?filters={}", escaped(filters)));
    }
}

/// Three images with names and one without.
fn stocked(pair: &mut Pair) {
    for (seed, age, names) in [
        ("first", 0, &["first:1", "first:2", "team/first:1"][..]),
        ("second", 10, &["second:1"]),
        ("third", 20, &["third:1", "example.com:5000/deep/third:1"]),
        ("nameless", 30, &[]),
    ] {
        let image = stock::image(seed, 1, age);
        pair.load_image(&image, names);
    }
}
