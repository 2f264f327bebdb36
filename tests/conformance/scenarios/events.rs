//! `GET /events` for past events.

use serde_json::json;
use sockerless_testkit::http::escaped;
use sockerless_testkit::tar::Tar;

use crate::pair::Pair;
use crate::scenarios::stock;

/// All events until now.
fn past(pair: &mut Pair, filters: &str) {
    let query = pair.past();
    let filters = match filters {
        "" => String::new(),
        filters => format!("&filters={}", escaped(filters)),
    };
    pair.get(&format!("/events?{query}{filters}"));
}

pub(crate) fn of_images(pair: &mut Pair) {
    lived(pair);
    for version in ["1.24", "1.40", "1.41"] {
        pair.version(version);
        past(pair, "");
    }
}

pub(crate) fn filters(pair: &mut Pair) {
    lived(pair);
    for filters in [
        r#"{"type":["image"]}"#,
        r#"{"type":["container"]}"#,
        r#"{"type":["image","container"]}"#,
        r#"{"type":{"image":true}}"#,
        r#"{"type":["nosuch"]}"#,
        r#"{"event":["tag"]}"#,
        r#"{"event":["tag","untag"],"type":["image"]}"#,
        r#"{"image":["lived:1"]}"#,
        r#"{"image":["lived"]}"#,
        r#"{"image":["again:2"]}"#,
        r#"{"image":["nosuch"]}"#,
        r#"{"label":["org.example.seed"]}"#,
        r#"{"label":["org.example.seed=lived"]}"#,
        r#"{"label":["org.example.seed=no"]}"#,
        r#"{"container":["dweller"]}"#,
        r#"{"container":["nosuch"]}"#,
        r#"{"scope":["local"]}"#,
        r#"{"scope":["swarm"]}"#,
        r#"{"daemon":["x"]}"#,
        r#"{"volume":["x"]}"#,
        "{}",
    ] {
        past(pair, filters);
    }
    for filters in ["x", "[]", r#"{"bogus":["1"]}"#, r#"{"type":"image"}"#] {
        past(pair, filters);
    }
    for query in [
        "since=x&until=1",
        "since=1&until=x",
        "since=10&until=5",
        "since=5&until=10",
        "since=2020-01-01T00:00:00Z&until=2020-01-02",
        "since=2020-01-01&until=1577923200.000000001",
        "until=0",
        "until=1",
        "since=1.x&until=5",
        "since=-1&until=1",
    ] {
        pair.get(&format!("/events?{query}"));
    }
}

/// Operations with every kind of event.
fn lived(pair: &mut Pair) {
    let (one, two) = (stock::image("lived", 2, 0), stock::image("two", 1, 5));
    pair.load_image(&one, &["lived:1", "lived:2"]);
    pair.load_image(&two, &[]);
    pair.post("/images/lived:1/tag?repo=again&tag=2");
    pair.post("/images/lived:1/tag?repo=again&tag=2");
    pair.post("/images/nosuch/tag?repo=again&tag=2");
    pair.naming("imported", "/status");
    let target = "/images/create?fromSrc=-&repo=imported&tag=1&changes=LABEL+a=b";
    pair.post_body(
        target,
        "application/x-tar",
        &Tar::new().file("a", "b").finish(),
    );
    pair.naming("anonymous", "/status");
    pair.post_body(
        "/images/create?fromSrc=-",
        "application/x-tar",
        &Tar::new().file("c", "d").finish(),
    );
    pair.get("/images/lived:1/get")
        .get("/images/get?names=imported:1");
    pair.naming("dweller", "/Id");
    let labelled = json!({"Image": "lived:1", "Labels": {"own": "label"}});
    pair.post_json("/containers/create?name=dweller", &labelled);
    pair.post("/containers/dweller/rename?name=renamed");
    pair.delete("/containers/renamed");
    pair.delete("/images/lived:1").delete("/images/again:2");
    pair.delete("/images/imported:1");
    pair.delete(&format!("/images/{}", two.id()));
    pair.post("/images/prune").post("/containers/prune");
    pair.delete("/images/lived:2");
}
