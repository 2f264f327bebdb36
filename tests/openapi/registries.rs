//! Registries: push, pull, staging, distribution and login.

use serde_json::{Value, json};
use sockerless_testkit::image::Image;
use sockerless_testkit::registry::Registry;

use crate::client::Client;
use crate::images::{HELPER, MULTI};

/// Puts two images into the registry.
pub(crate) fn push(client: &mut Client, registry: &Registry) {
    for (image, name) in [(HELPER, "helper"), (MULTI, "multi")] {
        let repository = format!("{}/team/{name}", registry.host());
        client.without_answer(
            "POST",
            &format!("/images/{image}/tag?repo={repository}&tag=1"),
        );
        let path = format!("/images/{repository}/push?tag=1");
        let lines = client.lines("line of push", &path, &[]);
        assert!(lines.iter().all(|line| line.get("errorDetail").is_none()));
        client.lines("line of push", &path, &[]);
    }
    let missing = format!("/images/{}/team/helper/push?tag=none", registry.host());
    let lines = client.lines("line of push", &missing, &[]);
    assert!(is_error(lines.last()), "{lines:?}");
    client.refused(400, "POST", "/images/Upper/push?tag=1", None);
}

pub(crate) fn read(client: &mut Client, registry: &Registry) {
    let host = registry.host();
    for name in ["helper", "multi"] {
        client.get(
            "distribution",
            &format!("/distribution/{host}/team/{name}:1/json"),
        );
    }
    client.refused(
        404,
        "GET",
        &format!("/distribution/{host}/team/none:1/json"),
        None,
    );
    let credentials = json!({ "username": "u", "password": "p", "serveraddress": host });
    client.post("login", "/auth", &credentials);
    client.refused(
        404,
        "POST",
        &format!("/images/create?fromImage={host}/none&tag=1"),
        None,
    );
}

/// A separate daemon that stages: it loads and pulls.
pub(crate) fn stage(client: &mut Client, registry: &Registry) {
    let host = registry.host();
    let mut staging = client.with_staging(&format!("{host}/staging"));
    let image = Image::sample("staged", 3);
    let archive = image.docker_archive(&["staged:1"]).finish();
    staging.lines("line of load", "/images/load?quiet=0", &archive);
    for name in ["helper", "multi", "helper"] {
        let path = format!("/images/create?fromImage={host}/team/{name}&tag=1");
        staging.lines("line of create", &path, &[]);
    }
    let body = json!({ "Image": "staged:1" });
    staging.post("container created", "/containers/create?name=staged", &body);
    staging.get("container", "/containers/staged/json");
    staging.get("image", "/images/staged:1/json");
    staging.get("image", &format!("/images/{host}/team/multi:1/json"));
    staging.get("images", "/images/json");
    client.take(staging);
}

fn is_error(line: Option<&Value>) -> bool {
    line.is_some_and(|line| line.get("errorDetail").is_some())
}
