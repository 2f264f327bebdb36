//! `DELETE /images/{name}`.

use serde_json::json;
use sockerless_testkit::http::escaped;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn names(pair: &mut Pair) {
    let base = stock::image("base", 1, 20);
    let mut layers = base.layers.clone();
    layers.extend(stock::image("top", 2, 0).layers);
    let top = stock::image_of("top", layers, 0);
    pair.load_image(&base, &["base:1"]);
    pair.load_image(&top, &["top:1", "top:2", "team/top:1"]);
    for name in [
        "top:2",
        "top:2",
        "docker.io/library/top:1",
        "base",
        "team/top:1",
    ] {
        pair.delete(&format!("/images/{name}"));
        pair.get("/images/json");
    }
    pair.delete("/images/base:1?noprune=1")
        .get("/images/json?all=1");
    pair.load_image(&top, &["a:1", "a:2"]);
    pair.delete("/images/a:1?force=1")
        .delete("/images/a:2?force=1&noprune=1");
    pair.delete("/images/a:2?force=1")
        .delete("/images/nosuch?force=true");
    pair.get("/images/json?all=1").get("/system/df");
}

pub(crate) fn ids(pair: &mut Pair) {
    let image = stock::image("ids", 2, 0);
    let load = |pair: &mut Pair, names: &[&str]| {
        pair.load_image(&image, names);
    };
    let (id, short) = (image.id(), image.hex()[..12].to_owned());
    load(pair, &["ids:1"]);
    pair.delete(&format!("/images/{id}"));
    load(pair, &["ids:1"]);
    pair.delete(&format!("/images/{short}"));
    load(pair, &["ids:1", "ids:2"]);
    pair.delete(&format!("/images/{short}"));
    load(pair, &["ids:1", "ids:2", "other/ids:1"]);
    pair.delete(&format!("/images/{id}"))
        .delete(&format!("/images/{short}"));
    pair.delete(&format!("/images/sha256:{short}"));
    pair.get("/images/json");
    pair.delete(&format!("/images/{short}?force=1"));
    load(pair, &[]);
    pair.get("/images/json");
    pair.delete(&format!("/images/{short}"))
        .get("/images/json?all=1");
    load(pair, &["ids:1", "second/ids:1"]);
    pair.delete(&format!("/images/{}", &image.hex()[..4]));
    pair.delete(&format!("/images/{}?force=1", &image.hex()));
    pair.delete(&format!("/images/{id}"));
}

pub(crate) fn in_use(pair: &mut Pair) {
    let image = stock::image("used", 1, 0);
    let short = image.hex()[..12].to_owned();
    pair.load_image(&image, &["used:1"]);
    pair.naming("user", "/Id");
    pair.post_json("/containers/create?name=user", &json!({"Image": "used:1"}));
    pair.delete("/images/used:1")
        .delete(&format!("/images/{short}"));
    pair.post("/images/used:1/tag?repo=used&tag=2");
    pair.delete("/images/used:2")
        .delete(&format!("/images/{short}"));
    pair.post("/images/used:1/tag?repo=another/used&tag=2");
    pair.delete(&format!("/images/{short}"))
        .delete("/images/used:1");
    let unused = escaped(r#"{"dangling":["false"]}"#);
    pair.get("/images/json")
        .post(&format!("/images/prune?filters={unused}"));
    pair.get("/images/json").get("/system/df");
    pair.delete("/images/another/used:2?force=1");
    pair.delete("/images/used:1?force=1")
        .get("/images/json?all=1");
    pair.get("/containers/json?all=1")
        .get("/containers/user/json");
    // Its image was removed.
    pair.load_image(&image, &["used:1"]);
    pair.delete(&format!("/images/{short}?force=1"));
    pair.get("/images/json?all=1").delete("/containers/user");
}

pub(crate) fn children(pair: &mut Pair) {
    let (parent, child, archive) = stock::family();
    pair.load("family", &archive);
    pair.get("/images/json?all=1");
    pair.get(&format!("/images/{}/json", child.id()));
    pair.get(&format!("/images/{}/history", child.id()));
    pair.delete(&format!("/images/{}", parent.id()));
}
