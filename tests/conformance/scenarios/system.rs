//! Ping, version, info, and the lists that are always empty.

use crate::pair::Pair;

pub(crate) fn facts(pair: &mut Pair) {
    for version in ["", "1.12", "1.24", "1.40", "1.41"] {
        pair.version(version);
        pair.get("/_ping").ask("HEAD", "/_ping");
        pair.get("/version");
    }
    pair.get("/info");
}

pub(crate) fn nothing(pair: &mut Pair) {
    for version in ["1.22", "1.24", "1.41"] {
        pair.version(version);
        pair.get("/volumes").get("/networks").get("/plugins");
        pair.get("/images/json").get("/images/json?all=1");
        pair.get("/containers/json").get("/containers/json?all=1");
        pair.get("/system/df");
    }
    pair.get("/volumes?filters={}").get("/networks?filters={}");
    pair.get("/networks/nosuch").get("/volumes/nosuch");
    pair.get("/plugins/nosuch/json")
        .get("/distribution/FOO/json");
    pair.post("/images/prune").post("/containers/prune");
    pair.post("/volumes/prune").post("/networks/prune");
}
