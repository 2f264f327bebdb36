//! `GET /images/{name}/history`.

use serde_json::json;

use crate::pair::Pair;
use crate::scenarios::load::{FIXTURES, fixture};
use crate::scenarios::stock;

pub(crate) fn of_fixtures(pair: &mut Pair) {
    for name in FIXTURES {
        pair.load(name, &fixture(name));
    }
    for version in ["1.22", "1.24", "1.41"] {
        pair.version(version);
        pair.get("/images/fixture/helper:x86_64-v18.1/history");
        pair.get("/images/fixture/base:1/history");
        pair.get("/images/36d6ba6089d1/history");
    }
    let histories = [
        json!([]),
        json!(null),
        json!([{"empty_layer": true}, {}, {"empty_layer": true, "created_by": "<&>"}]),
        json!([{"created": "2024-01-01T00:00:00+01:00", "author": "a", "comment": "c"}]),
        json!([{"created_by": "one"}, {"created_by": "two", "empty_layer": true}]),
    ];
    for (at, history) in histories.into_iter().enumerate() {
        let name = format!("history:{at}");
        let image = stock::image(&name, 1, 0).reconfigured(|config| config["history"] = history);
        pair.load_image(&image, &[&name]);
        pair.get(&format!("/images/{name}/history"));
    }
    let two = stock::image("fewer", 2, 0)
        .reconfigured(|config| config["history"] = json!([{"created_by": "one"}]));
    pair.load_image(&two, &["history:fewer"]);
    pair.get("/images/history:fewer/history");
}
