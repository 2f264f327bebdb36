//! `POST /images/{name}/push` that ends before any request to a registry.

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn errors(pair: &mut Pair) {
    let image = stock::image("pushed", 1, 0);
    pair.load_image(&image, &["127.0.0.1:1/here:1"]);
    for target in [
        "/images/127.0.0.1:1/nosuch/push?tag=1",
        "/images/127.0.0.1:1/nosuch/push",
        "/images/127.0.0.1:1/here/push?tag=2",
        "/images/127.0.0.1:1/here:2/push",
        "/images/FOO/push",
        "/images/foo:/push",
        "/images/127.0.0.1:1/here/push?tag=a+b",
    ] {
        pair.post_anonymously(target);
    }
    pair.post("/images/127.0.0.1:1/here/push?tag=2");
}
