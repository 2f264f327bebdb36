//! Invalid paths, methods and versions, and bodies of odd types.

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn unknown(pair: &mut Pair) {
    for version in ["", "1.41"] {
        pair.version(version);
        for (method, target) in [
            ("GET", "/"),
            ("GET", "/nothing"),
            ("GET", "/images"),
            ("GET", "/images/"),
            ("POST", "/images/json"),
            ("GET", "/images/load"),
            ("PUT", "/images/load"),
            ("POST", "/_ping"),
            ("DELETE", "/version"),
            ("HEAD", "/images/json"),
            ("HEAD", "/info"),
            ("PATCH", "/images/a"),
            ("OPTIONS", "/_ping"),
            ("OPTIONS", "/images/json"),
            ("OPTIONS", "/nothing"),
            ("GET", "/images//json"),
            ("GET", "//_ping"),
            ("GET", "/./info"),
            ("GET", "/images/../info"),
            ("GET", "/images/%2e%2e/info"),
            ("GET", "/images//a/json?platform=x"),
            ("POST", "/images//a/tag?repo=x"),
            ("DELETE", "/images/../images/a"),
            ("GET", "/images/json/"),
            ("GET", "/_ping/"),
        ] {
            pair.ask(method, target);
        }
    }
}

pub(crate) fn versions(pair: &mut Pair) {
    for version in ["1.99", "2.0", "1.23", "1.12", "1.11", "1.", "1", "0.1"] {
        pair.version(version);
        pair.get("/_ping").get("/images/json");
        pair.get("/images/nosuch/json").get("/nothing");
        pair.ask("OPTIONS", "/_ping").ask("HEAD", "/_ping");
    }
    pair.version("");
    for target in [
        "/v/_ping",
        "/vx/_ping",
        "/v1.41",
        "/v1.41/",
        "/v1.41//_ping",
        "/1.41/_ping",
    ] {
        pair.get(target);
    }
}

pub(crate) fn bodies(pair: &mut Pair) {
    let image = stock::image("bodies", 1, 0);
    pair.load_image(&image, &["bodies:1"]);
    let form = "application/x-www-form-urlencoded";
    pair.post_body("/images/bodies:1/tag", form, b"repo=from%2Fform&tag=1");
    pair.post_body("/images/bodies:1/tag?repo=query", form, b"repo=form&tag=2");
    pair.post_body(
        "/images/bodies:1/tag?repo=other&tag=3",
        "text/garbage; ;",
        b"repo=no",
    );
    pair.post_body(
        "/images/bodies:1/tag?repo=part&tag=3",
        "multipart/form-data",
        b"repo=no",
    );
    pair.get("/images/bodies:1/json");
    let archive = stock::image("typed", 1, 0)
        .docker_archive(&["typed:1"])
        .finish();
    pair.post_body("/images/load?quiet=1", form, &archive);
    pair.post_body("/images/load?quiet=1", "text/plain", &archive);
    pair.get("/images/typed:1/json");
    pair.get("/images/json?all=%zz")
        .get("/images/bod%zzies/json");
    pair.get("/images/json?all=1;filters=x");
}
