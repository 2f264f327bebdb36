//! `GET /images/get`: what one daemon writes, the other reads.

use crate::pair::{Answers, Pair};
use crate::scenarios::load::{FIXTURES, fixture};
use crate::scenarios::stock;

pub(crate) fn archives(pair: &mut Pair) {
    let base = stock::image("base", 2, 20);
    let mut layers = base.layers.clone();
    layers.extend(stock::image("top", 1, 0).layers);
    let top = stock::image_of("top", layers, 0);
    pair.load_image(&base, &["base:1"]);
    pair.load_image(&top, &["top:1", "top:2", "team/top:1"]);
    pair.load_image(&stock::image("alone", 1, 30), &[]);
    for name in FIXTURES {
        pair.load(name, &fixture(name));
    }
    pair.get("/images/get");
    let short = &top.hex()[..12];
    let mut archives = Vec::new();
    for target in [
        "/images/top:1/get".to_owned(),
        "/images/top/get".to_owned(),
        "/images/docker.io/team/top:1/get".to_owned(),
        format!("/images/{short}/get"),
        format!("/images/{}/get", top.id()),
        "/images/get?names=top:1&names=base:1".to_owned(),
        "/images/get?names=top:1&names=top:1".to_owned(),
        format!("/images/get?names=top:2&names={short}"),
        format!("/images/get?names={}&names={}", top.id(), base.id()),
        "/images/get?names=top&names=team/top:1&names=fixture/helper:x86_64-v18.1".to_owned(),
        "/images/get?names=fixture/base:1".to_owned(),
        "/images/get?names=36d6ba6089d1".to_owned(),
    ] {
        pair.get(&target);
        archives.push(pair.last());
    }
    for Answers {
        dockerd,
        sockerless,
    } in archives
    {
        crossed(pair, &dockerd.body, &sockerless.body);
    }
}

/// Loads the other daemon's archive into new daemons: both must have the same images then.
fn crossed(pair: &mut Pair, dockerd: &[u8], sockerless: &[u8]) {
    pair.empty();
    pair.load_each(sockerless, dockerd);
    pair.get("/images/json?all=1");
    for image in pair.last().dockerd.json().as_array().into_iter().flatten() {
        let id = image["Id"].as_str().expect("an ID");
        pair.get(&format!("/images/{id}/json"));
        pair.get(&format!("/images/{id}/history"));
    }
}

pub(crate) fn errors(pair: &mut Pair) {
    let image = stock::image("here", 1, 0);
    pair.load_image(&image, &["here:1"]);
    for target in [
        "/images/get?names=nosuch",
        "/images/get?names=nosuch:1",
        "/images/get?names=here",
        "/images/get?names=here:2",
        "/images/get?names=here:1&names=nosuch",
        "/images/get?names=",
        "/images/get?names=FOO",
        "/images/get?name=here:1",
    ] {
        pair.get(target);
    }
    let empty = sockerless_testkit::image::Image::sample("no layers", 0);
    pair.load_image(&empty, &["empty:1"]);
    pair.get("/images/empty:1/get");
}
