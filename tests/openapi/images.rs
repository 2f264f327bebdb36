//! Images: loaded, listed, inspected, removed.

use std::path::Path;

use serde_json::json;
use sockerless_testkit::http::escaped;
use sockerless_testkit::image::Image;
use sockerless_testkit::producers::buildkit;

use crate::client::Client;

/// A whole configuration: labels, ports, volumes, a health check.
pub(crate) const HELPER: &str = "fixture/helper:x86_64-v18.1";
/// An index with two platforms.
pub(crate) const MULTI: &str = "fixture/multi:1";
/// An index with an attestation.
const ATTESTED: &str = "team/attested:1";
/// An image with an almost empty configuration.
const BARE: &str = "bare:1";
/// An unused image that shares no layers.
const UNUSED: &str = "unused:1";

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let path = path.join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn load(client: &mut Client) {
    let bare = Image::sample("bare", 0).reconfigured(|config| {
        *config = json!({"rootfs": {"type": "layers", "diff_ids": []}});
    });
    let mut archives = vec![
        fixture("docker-20.10-two-images.tar"),
        fixture("podman-4.3-multi-platform-oci-archive.tar"),
        bare.docker_archive(&[BARE]).finish(),
        Image::sample("unused", 2)
            .docker_archive(&[UNUSED])
            .finish(),
        Image::sample("nameless", 1).docker_archive(&[]).finish(),
    ];
    archives.extend(buildkit::samples().into_iter().map(|sample| sample.archive));
    for archive in archives {
        client.lines("line of load", "/images/load?quiet=0", &archive);
    }
    client.lines(
        "line of create",
        "/images/create?fromSrc=-&repo=imported&tag=1&message=m&changes=CMD%20sh",
        &fixture("gitlab-runner-helper-rootfs.tar.xz"),
    );
    client.refused(500, "POST", "/images/load?quiet=0", Some(&json!("none")));
    client.refused(400, "POST", "/images/create?fromSrc=-&repo=Upper", None);
    client.refused(400, "POST", "/images/bare:1/tag?repo=Upper", None);
    client.refused(404, "POST", "/images/nosuch/tag?repo=a", None);
}

pub(crate) fn read(client: &mut Client) {
    for (since, query) in [
        (0, ""),
        (0, "?all=1"),
        (
            0,
            "?digests=1&filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D",
        ),
        (42, "?shared-size=1"),
        (47, "?manifests=1"),
    ] {
        if client.at_least(since) {
            client.get("images", &format!("/images/json{query}"));
        }
    }
    let amd64 = escaped(r#"{"os":"linux","architecture":"amd64"}"#);
    for name in [HELPER, MULTI, ATTESTED, BARE, "imported:1"] {
        client.get("image", &format!("/images/{name}/json"));
        client.get("history", &format!("/images/{name}/history"));
        if client.at_least(48) {
            client.get("image", &format!("/images/{name}/json?manifests=1"));
        }
    }
    if client.at_least(48) {
        client.get(
            "history",
            &format!("/images/{MULTI}/history?platform={amd64}"),
        );
    }
    if client.at_least(49) {
        client.get("image", &format!("/images/{MULTI}/json?platform={amd64}"));
    }
    client.refused(404, "GET", "/images/nosuch/json", None);
    client.refused(404, "GET", "/images/nosuch/history", None);
    client.refused(404, "GET", "/images/nosuch/get", None);
    client.refused(400, "GET", "/images/json?filters=x", None);
    client.refused(501, "GET", "/images/search?term=x", None);
}

pub(crate) fn remove(client: &mut Client) {
    let helper = client.get("image", &format!("/images/{HELPER}/json"));
    let id = helper["Id"].as_str().expect("an ID");
    client.refused(409, "DELETE", &format!("/images/{id}"), None);
    client.without_answer("POST", &format!("/images/{MULTI}/tag?repo=other&tag=2"));
    client.delete("images removed", "/images/other:2");
    client.delete("images removed", &format!("/images/{ATTESTED}"));
    client.post("images pruned", "/images/prune", &json!({}));
    client.post("images pruned", "/images/prune", &json!({}));
    let unused = escaped(r#"{"dangling":["false"]}"#);
    client.post(
        "images pruned",
        &format!("/images/prune?filters={unused}"),
        &json!({}),
    );
}
