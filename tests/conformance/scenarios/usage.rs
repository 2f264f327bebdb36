//! `GET /system/df`.

use serde_json::json;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn all(pair: &mut Pair) {
    pair.get("/system/df");
    let base = stock::image("base", 2, 20);
    let mut layers = base.layers.clone();
    layers.extend(stock::image("top", 1, 0).layers);
    let top = stock::image_of("top", layers, 0);
    pair.load_image(&base, &["base:1"]);
    pair.load_image(&top, &["top:1", "top:2"]);
    pair.load_image(&stock::image("alone", 1, 30), &[]);
    pair.get("/system/df");
    for name in ["one", "two"] {
        pair.naming(name, "/Id");
        let target = format!("/containers/create?name={name}");
        pair.post_json(&target, &json!({"Image": "top:1"}));
    }
    pair.get("/system/df").version("1.24").get("/system/df");
    pair.version("1.41")
        .delete("/containers/one")
        .get("/system/df");
}
