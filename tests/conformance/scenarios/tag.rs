//! `POST /images/{name}/tag`.

use sockerless_testkit::http::escaped;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn good(pair: &mut Pair) {
    let (one, two) = (stock::image("one", 1, 0), stock::image("two", 1, 5));
    pair.load_image(&one, &["p/one:1"]);
    pair.load_image(&two, &["p/two:1"]);
    for query in [
        "repo=new/x",
        "repo=new/x&tag=2",
        "repo=new/y:inrepo",
        "repo=new/z:inrepo&tag=3",
        "repo=docker.io/library/lib&tag=1",
        "repo=example.com:5000/r",
        "repo=example.com:5000/r&tag=T_a.g-1",
        "repo=scratch&tag=x",
        "repo=p/two&tag=1",
        "repo=p/one&tag=1",
        "repo=x&force=1",
    ] {
        pair.post(&format!("/images/p/one:1/tag?{query}"));
        pair.get("/images/json");
    }
    pair.post(&format!("/images/{}/tag?repo=by-id", &one.hex()[..12]));
    pair.post(&format!("/images/{}/tag?repo=by-id&tag=2", two.id()));
    pair.get("/images/p/one:1/json").get("/images/by-id:2/json");
    pair.get("/images/json?all=1").get("/info");
}

pub(crate) fn errors(pair: &mut Pair) {
    let image = stock::image("one", 1, 0);
    pair.load_image(&image, &["p/one:1"]);
    let digested = format!("r@{}", image.id());
    let (hex, long) = (image.hex(), "r".repeat(256));
    let (long_tag, hex_tag) = ("t".repeat(129), image.hex());
    for (repo, tag) in [
        ("", ""),
        ("", "1"),
        (" ", ""),
        ("r", "a b"),
        ("r", "-x"),
        ("r", "a:b"),
        ("r", &long_tag),
        ("r", &hex_tag),
        ("r:", ""),
        ("r:1", "!"),
        (&digested, ""),
        ("r", &digested),
        ("r", &image.id()),
        ("sha256", "1"),
        ("sha256", ""),
        ("sha256:1", ""),
        ("docker.io/sha256", "1"),
        ("library/sha256", "1"),
        ("FOO", "1"),
        ("a/B", "1"),
        ("-r", "1"),
        ("https://example.com/r", "1"),
        (&hex, "1"),
        (&hex, ""),
        (&long, "1"),
        ("a//b", "1"),
        ("a/", "1"),
    ] {
        let (repo, tag) = (escaped(repo), escaped(tag));
        pair.post(&format!("/images/p/one:1/tag?repo={repo}&tag={tag}"));
    }
    pair.post("/images/p/one:1/tag")
        .post("/images/p/one:1/tag?tag=1");
    pair.post("/images/nosuch/tag")
        .post("/images/nosuch/tag?repo=FOO");
    pair.post("/images/FOO/tag?repo=x")
        .post("/images/FOO/tag?repo=BAR");
    pair.get("/images/json");
    pair.post(&format!(
        "/images/p/one:1/tag?repo={}&tag=1",
        escaped(&digested)
    ));
}
