//! Invalid names in `RepoTags`.

use super::Fault;
use crate::image::Image;

pub(super) fn faults() -> Vec<Fault> {
    let hex = "0123456789abcdef".repeat(4);
    let long = format!("{}:1", "r".repeat(256));
    let long_tag = format!("repo:{}", "t".repeat(129));
    let digested = format!("repo@sha256:{hex}");
    let both = |name: &'static str, bad: &str, mentions: &[&str]| {
        // A valid name first: it must not be recorded.
        let image = Image::sample(name, 1);
        Fault::new(
            name,
            image.docker_archive(&["malformed:good", bad]).finish(),
            mentions,
        )
    };
    vec![
        both("a name without a tag", "foo", &["foo", "tag"]),
        both("an upper-case repository", "Foo:bar", &["Foo", "lowercase"]),
        both("64 hexadecimal digits", &hex, &[&hex, "64"]),
        both("a name with a digest", &digested, &[&digested]),
        both("an empty name", "", &["invalid reference format"]),
        both("a blank name", " ", &["invalid reference format"]),
        both(
            "an empty tag",
            "foo:",
            &["foo:", "invalid reference format"],
        ),
        both(
            "a tag of 129 characters",
            &long_tag,
            &["invalid reference format"],
        ),
        both(
            "an address",
            "https://example.com/foo:1",
            &["https://example.com/foo:1"],
        ),
        both("a repository of 256 characters", &long, &["255"]),
    ]
}
