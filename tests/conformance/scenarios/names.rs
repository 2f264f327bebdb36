//! What `{name}` may be.

use serde_json::json;
use sockerless_testkit::image::Image;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn good(pair: &mut Pair) {
    let image = stock::image("names", 1, 0);
    let names = [
        "forms:1",
        "team/forms:1",
        "example.com:5000/a/b/forms:latest",
    ];
    pair.load_image(&image, &names);
    let hex = image.hex();
    let mut names: Vec<String> = [
        "forms:1",
        "library/forms:1",
        "docker.io/forms:1",
        "docker.io/library/forms:1",
        "index.docker.io/library/forms:1",
        "team/forms:1",
        "team%2Fforms%3A1",
        "docker.io/team/forms:1",
        "example.com:5000/a/b/forms",
        "example.com:5000/a/b/forms:latest",
    ]
    .map(str::to_owned)
    .to_vec();
    for digits in [1, 3, 4, 12, 32, 63, 64] {
        names.push(hex[..digits].to_owned());
        names.push(format!("sha256:{}", &hex[..digits]));
    }
    for name in names {
        pair.get(&format!("/images/{name}/json"));
        pair.get(&format!("/images/{name}/history"));
    }
}

pub(crate) fn bad(pair: &mut Pair) {
    let image = stock::image("bad names", 1, 0);
    pair.load_image(&image, &["here:1"]);
    let zeros = "0".repeat(64);
    let long = "r".repeat(256);
    let tag = format!("here:{}", "t".repeat(129));
    let names = [
        "nosuch",
        "nosuch:1",
        "here",
        "here:2",
        "docker.io/library/nosuch",
        "docker.io/team/nosuch:1",
        "example.com:5000/nosuch",
        "scratch",
        &zeros,
        &format!("sha256:{zeros}"),
        &zeros[..12],
        &format!("sha256:{}", &zeros[..12]),
        &format!("nosuch@sha256:{zeros}"),
        &format!("here@{}", image.id()),
        &format!("here:1@{}", image.id()),
        &format!("here@sha256:{}", &zeros[..63]),
        "FOO",
        "a/B:1",
        "foo:",
        ":1",
        "foo%20bar",
        "-foo",
        "a:b:c",
        "a@b",
        "sha256:xyz",
        "https:example.com",
        &long,
        &tag,
        "%C3%A4",
        "a_b",
        "a..b",
        "a/-b",
    ];
    for name in names {
        pair.get(&format!("/images/{name}/json"));
        pair.get(&format!("/images/{name}/history"));
        pair.post(&format!("/images/{name}/tag?repo=a"));
        pair.delete(&format!("/images/{name}"));
        pair.get(&format!("/images/{name}/get"));
        pair.get(&format!("/images/get?names={name}"));
    }
    pair.delete("/images/")
        .delete("/images/%20")
        .delete("/images/%20?force=1");
}

/// Digits that several IDs begin with, and a name that looks like such digits.
pub(crate) fn ambiguous(pair: &mut Pair) {
    let mut images: Vec<Image> = (0..17)
        .map(|n| stock::image(&format!("ambiguous {n}"), 1, n))
        .collect();
    images.sort_by_key(Image::hex);
    // Of 17 images two begin with the same of 16 digits.
    let same = images
        .windows(2)
        .find(|two| two[0].hex()[..1] == two[1].hex()[..1])
        .expect("two that begin the same");
    let digits = &same[0].hex()[..1];
    for image in same {
        pair.load_image(image, &[]);
    }
    for name in [digits, &format!("sha256:{digits}")] {
        pair.get(&format!("/images/{name}/json"));
        pair.get(&format!("/images/{name}/history"));
        pair.get(&format!("/images/{name}/get"));
        pair.post(&format!("/images/{name}/tag?repo=a"));
        pair.delete(&format!("/images/{name}"));
        pair.post_json("/containers/create", &json!({"Image": name}));
    }
    let named = stock::image("named like digits", 1, 0);
    pair.load_image(&named, &[&format!("{digits}:latest")]);
    pair.get(&format!("/images/{digits}/json"));
    pair.delete(&format!("/images/{digits}"));
}
