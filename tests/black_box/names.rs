//! What `{name}` accepts.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::outcome::{Faults, inspect, same};

on_both_backends!(
    every_form,
    missing,
    invalid,
    ambiguous,
    a_name_wins_over_an_id
);

fn every_form(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("forms", 1);
    let names = [
        "forms:1",
        "team/forms:1",
        "example.com:5000/a/b/forms:latest",
    ];
    assert_eq!(
        daemon.load(&image.docker_archive(&names).finish()).status,
        200
    );
    let (id, hex) = (image.id(), image.hex());
    let mut faults = Faults::default();
    for name in [
        id.as_str(),
        &hex,
        &hex[..12],
        &hex[..32],
        &format!("sha256:{}", &hex[..12]),
        &format!("sha256:{}", &hex[..40]),
        "forms:1",
        "library/forms:1",
        "docker.io/forms:1",
        "docker.io/library/forms:1",
        "index.docker.io/library/forms:1",
        "team/forms:1",
        "docker.io/team/forms:1",
        "example.com:5000/a/b/forms",
        "example.com:5000/a/b/forms:latest",
    ] {
        // Unchanged, and with everything escaped.
        for target in [
            name.to_owned(),
            name.replace('/', "%2F").replace(':', "%3A"),
        ] {
            for prefix in ["", "/v1.24", "/v1.55"] {
                let response = daemon.get(&format!("{prefix}/images/{target}/json"));
                let found = (response.status, response.text());
                let wanted = (200, true);
                let is_it = found.1.contains(&id);
                faults.note(&target, same("inspect", (found.0, is_it), wanted));
            }
        }
    }
    faults.finish();
}

fn missing(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let image = Image::sample("missing", 1);
    assert_eq!(
        daemon
            .load(&image.docker_archive(&["here:1"]).finish())
            .status,
        200
    );
    let hex = "0123456789abcdef".repeat(4);
    let mut faults = Faults::default();
    for (name, told) in [
        ("nosuch", "nosuch:latest"),
        ("here", "here:latest"),
        ("here:2", "here:2"),
        ("docker.io/library/nosuch", "nosuch:latest"),
        ("docker.io/team/nosuch:1", "team/nosuch:1"),
        ("example.com:5000/nosuch", "example.com:5000/nosuch:latest"),
        (&hex, &format!("sha256:{hex}")),
        (&format!("sha256:{hex}"), &format!("sha256:{hex}")),
    ] {
        let response = daemon.get(&format!("/images/{name}/json"));
        let found = (response.status, response.message());
        faults.note(
            name,
            same("inspect", found, (404, format!("No such image: {told}"))),
        );
        let response = daemon.post(&format!("/images/{name}/tag?repo=a"));
        let found = (response.status, response.message());
        faults.note(
            name,
            same("tag", found, (404, format!("No such image: {told}"))),
        );
    }
    faults.finish();
}

fn invalid(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut faults = Faults::default();
    for (name, told) in [
        (
            "FOO",
            "invalid reference format: repository name (library/FOO) must be lowercase",
        ),
        (
            "a/B:1",
            "invalid reference format: repository name (a/B) must be lowercase",
        ),
        ("foo:", "invalid reference format"),
        ("foo%20bar", "invalid reference format"),
        ("-foo", "invalid reference format"),
    ] {
        let response = daemon.get(&format!("/images/{name}/json"));
        let found = (response.status, response.message());
        faults.note(name, same("inspect", found, (400, told.to_owned())));
        let response = daemon.post(&format!("/images/{name}/tag?repo=a"));
        faults.note(name, same("tag", response.status, 404));
    }
    faults.finish();
}

/// Two images whose IDs begin alike: the common part finds neither, one digit more finds each.
fn ambiguous(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let first = Image::sample("ambiguous", 1);
    let second = (0..)
        .map(|n| Image::sample(&format!("ambiguous {n}"), 1))
        .find(|other| other.hex()[..2] == first.hex()[..2])
        .expect("one in 256");
    for image in [&first, &second] {
        assert_eq!(daemon.load(&image.docker_archive(&[]).finish()).status, 200);
    }
    let (one, two) = (first.hex(), second.hex());
    let common = one
        .bytes()
        .zip(two.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let response = daemon.get(&format!("/images/sha256:{}/json", &one[..common]));
    assert_eq!(response.status, 404, "{}", response.text());
    for image in [&first, &second] {
        let prefix = format!("sha256:{}", &image.hex()[..=common]);
        assert_eq!(inspect(&daemon, &prefix).unwrap()["Id"], image.id());
    }
}

fn a_name_wins_over_an_id(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (first, second) = (Image::sample("wins", 1), Image::sample("loses", 1));
    let prefix = &second.hex()[..12];
    let name = format!("{prefix}:latest");
    assert_eq!(
        daemon.load(&second.docker_archive(&[]).finish()).status,
        200
    );
    assert_eq!(inspect(&daemon, prefix).unwrap()["Id"], second.id());
    assert_eq!(
        daemon.load(&first.docker_archive(&[&name]).finish()).status,
        200
    );
    assert_eq!(inspect(&daemon, prefix).unwrap()["Id"], first.id());
    let full = format!("sha256:{prefix}");
    assert_eq!(inspect(&daemon, &full).unwrap()["Id"], second.id());
}
